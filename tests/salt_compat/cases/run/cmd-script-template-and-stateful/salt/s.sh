#!/bin/sh
echo "{{ x | default('none') }} {{ y | default('none') }} {{ saltenv }} $*"

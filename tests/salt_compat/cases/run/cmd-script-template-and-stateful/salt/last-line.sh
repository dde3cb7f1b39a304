#!/bin/sh
echo first; echo 'changed=yes comment="hi there" k=v'

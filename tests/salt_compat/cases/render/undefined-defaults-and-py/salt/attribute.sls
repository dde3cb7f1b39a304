{% set x = pillar.get('absent', nosuch) %}
a: {test.nop: [{x: {{ x | default('dd') }}}]}

{% set x = salt['pillar.get']('absent', default=nosuch, merge=True) %}
a: {test.nop: []}

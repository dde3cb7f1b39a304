
{% set x = salt['pillar.get']('absent', nosuch) %}
a: {test.nop: []}

{% set x = salt['pillar.get']('here', nosuch) %}
a: {test.nop: []}

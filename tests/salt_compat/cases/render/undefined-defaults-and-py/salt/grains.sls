{% set x = salt['grains.get']('absent', nosuch) %}
a: {test.nop: []}

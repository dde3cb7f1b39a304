{% set get = salt['defaults.get'] %}
x: {test.nop: [{port: {{ get('app:port') }}, own: {{ get('port') | json }} }]}

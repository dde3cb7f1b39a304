{% set data = "a: &a [1]\nb: *a" | load_yaml %}
{% do data.a.append(2) %}
x: {test.nop: [{data: {{ data | json }} }]}

{% import_yaml "data.yaml" as imported %}
{% load_yaml as loaded %}
{% include "data.yaml" %}
{% endload %}
{% for data in (imported, loaded) %}
{% do data.a["in"].update(n=1) %}
{% do data.a.update(more=2) %}
{% do data.d[0].append(2) %}
{{ loop.index }}:x: {test.nop: [{data: {{ data | json }} }]}
{% endfor %}

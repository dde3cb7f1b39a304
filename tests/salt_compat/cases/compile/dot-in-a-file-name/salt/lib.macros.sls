{% macro nop(name) %}
{{ name }}:
  test.nop: []
{% endmacro %}

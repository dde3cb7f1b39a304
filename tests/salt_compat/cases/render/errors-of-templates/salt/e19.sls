{% macro m(x) %}{{ x.y }}{% endmacro %}
a: {{ m(1) }}

#!jinja|pyobjects
{% for i in [1,2] %}
Test.nop("x{{ i }}")
{% endfor %}

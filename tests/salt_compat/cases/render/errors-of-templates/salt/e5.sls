{% for x in %}

{% from 'm.jinja' import nope %}
a: {{ nope }}

{% from 'm.jinja' import bad %}
a: {{ bad() }}

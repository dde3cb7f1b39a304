{% import 'nope.jinja' as x %}

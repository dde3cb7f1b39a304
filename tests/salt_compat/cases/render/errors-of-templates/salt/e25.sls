{% nope %}

{% block x %}a: test.nop{% endblock %}

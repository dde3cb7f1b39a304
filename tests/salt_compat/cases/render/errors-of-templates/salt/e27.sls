{% import_yaml 'bad.yaml' as x %}

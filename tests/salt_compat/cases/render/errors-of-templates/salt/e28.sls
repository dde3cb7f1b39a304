{% import_json 'bad.json' as x %}

{% if not opts["test"] %}
only real:
  test.nop: []
{% endif %}
shown:
  test.configurable_test_state:
    - name: "{{ opts.test }} {{ opts.get('test') }} {{ salt['config.get']('test') }}"
    - changes: false
@TMP@/made:
  file.managed:
    - template: jinja
    - contents: "{{ '{{ opts.test }}' }}"

include: [second]
{% do pillar.data.update(by_pillar=1) %}
{% do salt["pillar.get"]("data").update(by_get=1) %}
{% do pillar.update(new=1) %}
first: {test.nop: [{pillar: {{ pillar.data | json }} }, {get: {{ salt["pillar.get"]("data") | json }} }]}
written:
  file.managed:
    - name: @TMP@/written
    - template: jinja
    - contents: |
        {{ "{{ pillar.data | json(sort_keys=True) }} {{ salt['pillar.get']('data') | json(sort_keys=True) }}" }}

o:
  file.managed:
    - name: @TMP@/out
    - source: salt://t.jinja
    - template: jinja
    - mode: '0640'
    - context:
    - path: /p
    - data: [1, {a: b}]
    - require: []
    - order: 3
    - makedirs: true
    - user: root

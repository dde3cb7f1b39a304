o:
  file.managed:
    - names: [@TMP@/n1, {@TMP@/n2: [{path: two}]}]
    - source: salt://t.jinja
    - template: jinja
    - path: one

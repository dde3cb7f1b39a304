o:
  file.managed:
    - name: @TMP@/py
    - source: salt://t.py
    - template: py
    - data: y
    - context: {path: ctx}
    - defaults: {dd: 1}

one:
  test.nop:
    - watch_any:
      - test: two
      onchanges:
      - two: [3]
two:
  test.nop: []

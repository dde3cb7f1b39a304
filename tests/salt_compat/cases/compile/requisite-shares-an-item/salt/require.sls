one:
  test.nop:
    - require:
      - test: two
      name: first
two:
  test.nop: []

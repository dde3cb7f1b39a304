one:
  test.nop:
    - require_in:
      - test: two
      name: first
two:
  test.nop: []

one:
  test.nop:
    - require: two
      name: first
two:
  test.nop: []

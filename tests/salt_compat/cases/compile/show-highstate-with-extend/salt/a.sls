a:
  test.nop:
    - order: last
a2:
  test.nop: []

run:
  test.nop:
    - order: 1

pkg:
  test.nop: []

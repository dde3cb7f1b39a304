x:
  - test.nop

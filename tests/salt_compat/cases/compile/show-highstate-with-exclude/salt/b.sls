b: {test.nop: []}
exclude:
  - id: a2

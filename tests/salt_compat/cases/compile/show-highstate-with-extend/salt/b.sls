extend:
  a:
    test:
      - x: 1
b: {test.nop: []}

x:
  test.nop:
    - d: {<<: [{a: 1, b: 1}, {c: 1, a: 2}], q: 1}

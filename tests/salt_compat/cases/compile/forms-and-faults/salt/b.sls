x:
  test.nop:
    - names: [a, b: [{c: 1}, {require: [{test: q}]}], {d: [{name: e}]}]
    - c: 0

x:
  test.nosuch: []
y:
  nosuchmodule.foo: []
z:
  test.nop:
    - require:
      - test: x

x: {test.nop.foo: []}

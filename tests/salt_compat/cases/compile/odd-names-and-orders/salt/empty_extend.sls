extend:
a: {test.nop: []}

s0: {test.nop: []}

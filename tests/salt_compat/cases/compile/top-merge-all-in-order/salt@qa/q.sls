q: {test.nop: []}

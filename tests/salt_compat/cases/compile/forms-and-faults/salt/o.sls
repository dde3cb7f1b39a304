x: {test.nop: [5, [1], null]}

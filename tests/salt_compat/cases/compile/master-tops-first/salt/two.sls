two: {test.nop: []}

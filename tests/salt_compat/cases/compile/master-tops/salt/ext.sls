ext: {test.nop: []}

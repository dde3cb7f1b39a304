p: {test.nop: []}

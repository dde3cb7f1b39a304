cc: {test.nop: []}

e: {test.nop: []}

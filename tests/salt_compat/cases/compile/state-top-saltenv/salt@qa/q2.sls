q2: {test.nop: []}

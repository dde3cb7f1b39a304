x: {test.nop: 5}

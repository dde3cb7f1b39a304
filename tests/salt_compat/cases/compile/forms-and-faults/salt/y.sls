x: {test.nop: text}

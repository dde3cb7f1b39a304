yz: {test.nop: []}

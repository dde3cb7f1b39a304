x: {test.nop: [{require: []}]}

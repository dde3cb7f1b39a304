x: {test.nop: [{names: a}]}

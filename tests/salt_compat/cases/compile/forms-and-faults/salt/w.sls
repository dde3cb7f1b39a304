x: {test.nop: [{name: a}, {name: b}]}

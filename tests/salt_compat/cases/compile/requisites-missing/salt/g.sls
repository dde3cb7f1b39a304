y: {test.nop: [{require: [{test: y}]}]}

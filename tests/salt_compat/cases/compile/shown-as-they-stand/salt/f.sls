x: {test.nop: [{require: [{test: nope}]}]}

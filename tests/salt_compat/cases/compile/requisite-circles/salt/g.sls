a: {test.nop: [{require: [{test: '*'}]}]}
b: {test.nop: []}

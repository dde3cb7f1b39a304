a: {test.nop: [{use: [{test: b}]}]}
b: {test.nop: [{use: [{test: a}, {test: nope}]}]}

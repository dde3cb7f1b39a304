a: {test.nop: [{require_in: [{test: p}]}]}
b: {test.nop: [{names: [p, q]}]}

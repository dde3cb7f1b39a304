include: [{dev: .x}]
x: {test.nop: [{require_any: [{test: a}, {test: x}]}]}

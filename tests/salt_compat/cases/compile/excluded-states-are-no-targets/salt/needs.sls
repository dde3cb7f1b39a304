include: [part]
exclude: [part]
a: {test.nop: [{require: [{test: b}]}]}

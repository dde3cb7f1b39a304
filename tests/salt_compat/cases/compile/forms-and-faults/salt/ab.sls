x: {test.nop: [{require: [{test.nop: y}]}, {watch: [y]}]}
y: {test.nop: [{use: [{test: x}]}, {a: 1}]}

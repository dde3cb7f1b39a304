x: {test.nop: [{require: [{test: z}, {test: y}]}]}
y: test.nop
w: test.nop
z: {test.nop: [{order: last}]}
v: {test.nop: [{order: -1}]}
first: {test.nop: [{order: first}]}

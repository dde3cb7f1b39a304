include: [c]
x: {test.nop: [{use: [{test: y}]}]}
z: {test.nop: []}

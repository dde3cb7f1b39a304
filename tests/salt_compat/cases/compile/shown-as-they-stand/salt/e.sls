exclude: [{id: z}]
x: {test.nop: []}
z: {test.nop: [{use: [{test: x}]}, {listen: [{test: x}]}]}

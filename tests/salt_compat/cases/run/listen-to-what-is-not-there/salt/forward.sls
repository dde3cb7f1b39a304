a: {test.nop: [{listen: [{test: absent}]}]}
b: {test.nop: [{listen: [absent]}]}

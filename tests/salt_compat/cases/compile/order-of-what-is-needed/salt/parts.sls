include: [g]
s0: test.nop
s1: {test.nop: [{order: last}]}

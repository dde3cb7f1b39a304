include: [.]
s1: {test.nop: []}

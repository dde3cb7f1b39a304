include: [f]
c: 1
a: c
l: [c]

include: [d]
a: 1
x: a

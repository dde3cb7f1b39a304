include: [d, a]
b: 1
x: b

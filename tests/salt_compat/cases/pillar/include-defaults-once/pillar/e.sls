include: [f]
e: 1

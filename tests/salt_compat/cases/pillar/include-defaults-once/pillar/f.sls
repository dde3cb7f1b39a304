include: [e]
f: 1

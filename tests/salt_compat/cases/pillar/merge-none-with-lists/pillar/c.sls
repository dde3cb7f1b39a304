include: [inc]
d: {n: text}

include: [y]

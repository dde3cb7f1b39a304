include: [more]
base: {'*': [d]}

include: [more, sub.more2, nosuch]
base: {'*': [a]}

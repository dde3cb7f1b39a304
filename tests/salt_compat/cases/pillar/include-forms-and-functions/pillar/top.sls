base: {'*': [a, sub.b]}

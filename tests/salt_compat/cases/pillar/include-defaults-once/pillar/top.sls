base: {'*': [a, b, d]}

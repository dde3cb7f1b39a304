base: {'*': [a, two]}

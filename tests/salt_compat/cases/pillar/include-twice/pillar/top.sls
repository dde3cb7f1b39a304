base: {'*': [a], 'm1': [a, b]}

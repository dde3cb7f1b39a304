dev: {'m1': [b, c]}
base: {'m1': [nope]}

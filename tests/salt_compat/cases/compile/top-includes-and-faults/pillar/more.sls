base: {'*': [b], m1: [c]}

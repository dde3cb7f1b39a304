base: {'*': [e]}

dev: {'*': [e]}
base: {'*': [b]}

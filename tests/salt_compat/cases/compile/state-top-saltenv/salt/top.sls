base: {'*': [a]}
dev: {'*': [d]}

base: {'*': [a]}
dev: {'*': [b]}
prod: {'*': [c]}

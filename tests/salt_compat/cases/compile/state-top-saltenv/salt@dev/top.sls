dev: {'*': [d2]}
base: {'*': [fromdev]}

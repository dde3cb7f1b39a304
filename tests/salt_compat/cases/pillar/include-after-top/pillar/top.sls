base: {'*': [d, a]}

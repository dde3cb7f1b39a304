base: {'*': [webby]}

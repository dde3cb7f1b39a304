base: {"*": [p]}

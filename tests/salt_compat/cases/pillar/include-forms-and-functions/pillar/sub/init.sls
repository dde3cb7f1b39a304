subinit: 1

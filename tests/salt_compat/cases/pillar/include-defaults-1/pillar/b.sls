b: 1
bb: 1

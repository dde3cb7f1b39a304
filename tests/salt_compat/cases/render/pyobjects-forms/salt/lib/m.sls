#!pyobjects
x = 'EX'
y = 'WHY'

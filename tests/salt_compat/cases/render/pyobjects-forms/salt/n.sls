#!pyobjects
x = 1

#!py
x = 1

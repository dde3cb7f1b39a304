#!text
a: 1

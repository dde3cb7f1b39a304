#!pyobjects
Nope.nope("x")

#!pyobjects
Test.nope("x")

#!pyobjects
Test.nop("x")
Test.nop("x")

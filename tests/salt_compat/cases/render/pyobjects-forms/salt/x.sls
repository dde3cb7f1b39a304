#!pyobjects
with Test.nop("base"), Test.nop("b2"):
    Test.nop("child")

#!pyobjects
for i in range(3):
    Test.nop("x%d" % i, name="y", order=i)
with Test.nop("outer"):
    with Test.nop("inner"):
        Test.nop("leaf")
        Test.nop("leaf2", require=[Test("x0")])
    Test.nop("after", require=Test("x1"))
Test.nop("free")

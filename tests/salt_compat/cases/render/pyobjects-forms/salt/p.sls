#!pyobjects
from salt://lib/m.sls import x
import os, sys
def f():
    Test.nop(x + salt.test.echo('z'))
f()
Test.nop("l", require=Test("nop", "a"))
Test.nop("l3", onchanges=[Test("a", "onchanges")])

#!pydsl
s = state("x")
s.test.nop()
t = s.test
s()
s.test.nop(a=1)
state("x").test.nop()

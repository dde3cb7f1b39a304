#!pydsl
__pydsl__.set(ordered=True)
state('a').test.nop()
s = state('b')
s.test.nop()
s()
state('c').test.nop()
s()

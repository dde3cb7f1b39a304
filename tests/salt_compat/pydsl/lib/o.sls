#!pydsl
__pydsl__.set(ordered=True)
state('o1').test.nop()
state('o2').test.nop()

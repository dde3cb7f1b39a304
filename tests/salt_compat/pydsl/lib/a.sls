#!pydsl
state('A').test.nop(more=1)
state('B').test.nop(b=1)

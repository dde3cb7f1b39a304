#!pydsl
state('A').test.nop(more=1)
raise ValueError('own fault')

#!pydsl
__pydsl__.set(ordered=True)
include('lib.m', 'other')
m = include('lib.m')
m.many(2, 'y')
extend(state('other').cmd.run(cwd='/'))
state('z').test.require(test='y0')
state('z').test.nop()

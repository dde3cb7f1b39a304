#!pydsl
state('a').test.nop().require(state('b'))

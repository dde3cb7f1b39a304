#!pydsl
__pydsl__.set(ordered=True)
state("a").test.nop()
m = include("lib.m")
state("z").test.nop()
m.many(2, "h")
state("zz").test.nop()

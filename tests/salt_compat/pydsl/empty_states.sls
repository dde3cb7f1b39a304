#!pydsl
include("other", "lib.m")
state("x").test.nop(a=[i for i in state("y")], b=len(list(state("y"))))

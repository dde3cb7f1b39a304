#!pydsl
m = include("lib.m")
n = include("lib.m")
p = include("lib.r3")
state("same").test.nop(x=m is n, y=p.m is m)

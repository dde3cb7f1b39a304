#!pydsl
m = include("lib.j")
state("x").test.nop(y=str(m is None), z=m.__sls__)

#!pydsl
state("x").test.nop(id="a", order=3)

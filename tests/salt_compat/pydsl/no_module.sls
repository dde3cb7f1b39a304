#!pydsl
state("f")

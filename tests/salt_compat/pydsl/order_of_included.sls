#!pydsl
include("lib.o")
state("x").test.nop()
state("z").test.nop()

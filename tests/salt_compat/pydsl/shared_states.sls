#!pydsl
state("A").test.nop()
include("lib.a")
state("B").test.nop()

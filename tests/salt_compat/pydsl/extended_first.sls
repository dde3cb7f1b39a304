#!pydsl
f = state("other").cmd.run("z")
extend(f)
f.require(cmd="y")
include("other", delayed=True)
state("other2").test.nop()
state("y").cmd.run("x")

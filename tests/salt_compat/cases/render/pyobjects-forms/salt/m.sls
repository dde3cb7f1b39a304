#!pyobjects
Test.nop("x")
Cmd.run("x")

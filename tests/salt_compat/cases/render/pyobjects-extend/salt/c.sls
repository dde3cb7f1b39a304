#!pyobjects
include('b', 'a')
Cmd.run(extend("echo"), cwd="/", require=[File("x")])
Test.nop("hi")

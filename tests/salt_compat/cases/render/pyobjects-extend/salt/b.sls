#!pyobjects
Cmd.run("echo", x={'a': 1}, onlyif=['a', 'b'])

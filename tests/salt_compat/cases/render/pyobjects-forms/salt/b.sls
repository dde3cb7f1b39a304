#!pyobjects
Cmd.run("echo", x={'a': 1}, onlyif=['a', 'b'])
Cmd.run("none", creates=None, unless=True)

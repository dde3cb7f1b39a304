#!pydsl|stateconf -ps
__pydsl__.set(ordered=True)
state('.X1').cmd.run('echo X1', cwd='/')
state('.X2').cmd.run('echo X2', cwd='/')

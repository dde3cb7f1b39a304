#!pydsl|stateconf -ps
include('lib.s')
extend(state('.start').stateconf.require(stateconf='lib.s::goal'))
__pydsl__.set(ordered=True)
state('.Y1').cmd.run('echo Y1', cwd='/')
state('.Y2').cmd.run('echo Y2', cwd='/').require(cmd='.Y1')
state('.f').file.managed(contents='q')

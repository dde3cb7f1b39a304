#!pydsl
include('other', delayed=True)
include('arguments', delayed=True)
extend(state('other').cmd.require(cmd='S'), state('A').cmd.run('x'))
state('S').cmd.run('echo')

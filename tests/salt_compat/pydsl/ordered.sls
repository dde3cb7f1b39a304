#!pydsl
__pydsl__.set(ordered=True)
include('other', delayed=True)
s = state('S')
s.cmd.run('echo s')
s.file.managed('/srv/s')
state('n').user.present().require_in(file='S')
state('S').cmd.run(cwd='/')
state('t').cmd.run('x').require(cmd='other')

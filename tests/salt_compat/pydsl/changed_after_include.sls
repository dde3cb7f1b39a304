#!pydsl
include('arguments')
state('A').cmd.run('again')

#!pydsl
state('F').cmd.run('echo', 'x', runas='root')
state('G').cmd.run('echo', {'runas': 'root'}, {'cwd': '/'})

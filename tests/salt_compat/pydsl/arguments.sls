#!pydsl
state('A').cmd.run('echo hoho', cwd='/')
state('B').file.managed('/srv/b', contents='x', mode='644').require(cmd='A')
state('C').cmd('run', 'echo c', shell='/bin/sh')
state('D').cmd.run(name='echo d').watch(file='B').require(cmd='A')
state('E').pkg.installed(pkgs=['vim', {'nano': '1'}])
state('G').cmd.wait('echo g').watch(file='B', cmd='A')
state('H').cmd.run().require(state('A').cmd)

#!pydsl
x = include('other')
y = include('arguments', 'other')
state('r').test.nop(x=str(x), y=str(type(y)), y0=type(y[0]).__name__, y1=str(y[1]), z=y[0].state is state)
extend(state('other').cmd.run(cwd='/').require(test='r'))
extend(state('A').cmd.require(test='r'))

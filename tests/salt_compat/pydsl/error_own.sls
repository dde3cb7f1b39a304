#!pydsl
def f():
    return {}['x']

state('a').test.nop()
f()

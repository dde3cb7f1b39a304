#!pydsl
state('from-m').test.nop()
def many(n, x):
    for i in range(n):
        state(x + str(i)).test.nop()

#!pydsl
include('.m', delayed=True)
state('q').test.nop()

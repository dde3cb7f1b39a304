#!pydsl
m = include('lib.m')
state('rq').test.nop()

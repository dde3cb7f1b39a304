#!pydsl
m = include('lib.m')
m.many(2, 'x')
state('own').test.nop(s=m.__sls__, n=m.__name__, me=__name__)

#!pydsl
state('z').service.require(pkg='x')

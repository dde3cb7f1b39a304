#!pydsl
include('arguments')
state('A').file.managed()

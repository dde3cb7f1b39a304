#!pydsl
state('u').file.managed()
state('u').file.touch()

#!jinja|pydsl
state('{{ sls }}').test.nop(more=1)

#!pydsl
if x

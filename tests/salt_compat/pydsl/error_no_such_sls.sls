#!pydsl
include('nope')

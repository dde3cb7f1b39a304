#!pydsl
include("lib.bad")

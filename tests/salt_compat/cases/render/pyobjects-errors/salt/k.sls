#!pyobjects
if x

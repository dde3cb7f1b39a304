#!pyobjects
raise ValueError("boo")

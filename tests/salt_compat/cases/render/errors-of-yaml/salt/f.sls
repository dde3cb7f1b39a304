#!toml
a = 

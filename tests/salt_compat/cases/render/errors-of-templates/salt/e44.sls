#!nope|yaml
a: 1

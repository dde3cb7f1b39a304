#!jinja
a: 1

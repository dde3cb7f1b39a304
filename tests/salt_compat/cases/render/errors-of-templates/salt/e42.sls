#!yaml
{{ a }}: 1

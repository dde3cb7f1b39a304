{% set ns = namespace(a=1) %}{% set ns.a = 2 %}x{{ ns.a }}: test.nop

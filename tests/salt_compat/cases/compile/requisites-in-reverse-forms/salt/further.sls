six: test.nop

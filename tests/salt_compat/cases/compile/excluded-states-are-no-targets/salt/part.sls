b: test.nop
c: test.nop

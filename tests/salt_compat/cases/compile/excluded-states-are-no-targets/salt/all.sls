exclude: [all]
a: test.nop

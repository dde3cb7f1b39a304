#!stateconf
.bb: test.nop

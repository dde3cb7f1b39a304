a: {test.nop: [{require_in: [{id: b}]}]}
b: test.nop

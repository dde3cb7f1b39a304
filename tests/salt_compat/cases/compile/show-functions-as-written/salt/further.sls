d: test.nop
giver: {test.nop: [{k: 5}]}

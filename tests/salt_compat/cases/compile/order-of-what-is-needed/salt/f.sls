s7: {test.nop: [{onfail: [{test: s1}]}]}

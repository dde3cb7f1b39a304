y: {test.nop: [{use_in: [{test: u}]}]}

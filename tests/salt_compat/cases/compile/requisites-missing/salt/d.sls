y: {test.nop: [{use: [{test: u}]}]}

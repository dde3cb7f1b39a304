y: {test.nop: [{listen: [{test: u}]}]}

a: {test.nop: [{listen_in: [{test: absent}, {cmd: x}]}]}

x: {test.nop: [{require: [{test: y, cmd: z}]}]}

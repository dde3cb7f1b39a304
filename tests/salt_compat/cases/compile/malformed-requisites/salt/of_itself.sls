a: {test.nop: [{require: [{sls: of_itself}]}]}

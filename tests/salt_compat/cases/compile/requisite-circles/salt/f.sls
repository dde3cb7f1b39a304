a: {test.nop: [{require: [{sls: f}]}]}

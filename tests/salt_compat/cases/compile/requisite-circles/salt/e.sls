a: {test.nop: [{require: [{sls: e}]}]}
b: {test.nop: []}

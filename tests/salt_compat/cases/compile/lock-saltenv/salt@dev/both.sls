both: {test.nop: [{name: dev}]}

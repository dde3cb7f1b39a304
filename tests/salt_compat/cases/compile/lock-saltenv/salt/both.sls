both: {test.nop: [{name: base}]}

a: {test.nop: [{state: q}, {fun: r}]}

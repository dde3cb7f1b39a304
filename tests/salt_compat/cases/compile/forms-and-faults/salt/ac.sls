true: {test.nop: []}
null: {test.nop: []}

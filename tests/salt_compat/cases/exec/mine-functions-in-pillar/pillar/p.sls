mine_functions: {test.ping: [], bb: [{mine_function: test.arg}, 5]}

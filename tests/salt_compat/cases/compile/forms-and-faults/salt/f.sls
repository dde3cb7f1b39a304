x: {test: [{name: a}]}

here: {a: 1}

d: {n: {r: 3}, fromc: 1}
incl: [1]

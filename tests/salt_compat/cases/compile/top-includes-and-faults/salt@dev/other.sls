dev: {m1: [y]}
base: {m1: [d]}

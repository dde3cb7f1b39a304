form: {a: 2, d: {z: 1}}

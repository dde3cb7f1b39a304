environment: dev
fromroots: {a: 1}

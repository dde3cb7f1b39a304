include: [part]
exclude: [{sls: 'p*'}]
x: {test.nop: [{watch_in: [{test: b}]}]}

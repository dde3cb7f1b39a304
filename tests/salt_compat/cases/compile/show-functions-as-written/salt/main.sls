include: [part, further]
extend: {b: {test: [{k: 3}, {require: [{test: a}]}]}}
exclude: [{id: gone}]
a: {test.nop: [{watch_in: [{test: c}]}]}
c: test.nop
taker: {test.nop: [{use: [{test: giver}]}]}

include: [part]
extend: {b: {test: [{k: 1}]}}
exclude: [{id: b}]
x: {test.nop: [{require_in: [{test: b}]}]}

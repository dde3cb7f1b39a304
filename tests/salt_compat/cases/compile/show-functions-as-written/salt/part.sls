include: [further]
extend: {d: {test: [{watch: [{test: b}]}]}}
b: {test.nop: [{k: 1}]}
gone: test.nop

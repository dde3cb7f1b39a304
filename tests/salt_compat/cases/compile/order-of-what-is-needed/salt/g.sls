include: [f]
s8: {test.nop: [{onchanges_any: [{test: s7}, {test: s0}]}, {watch_any: [{test: s1}]}]}

s0: {test.nop: [{order: 105}]}
s1: {test.nop: [{order: 106}]}
s8: {test.nop: [{onchanges_any: [{test: s7}, {test: s0}]}, {watch_any: [{test: s1}]}, {order: 102}]}
s7: {test.nop: [{onfail: [{test: s1}]}, {order: 101}]}
s3: {test.nop: [{order: 103}]}

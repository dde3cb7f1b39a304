s1: {test.nop: [{order: 1060}]}
s8: {test.nop: [{watch: [{test: s1}]}, {order: 1020}]}
s7: {test.nop: [{require: [{test: s1}]}, {order: 1010}]}
x0: {test.nop: [{order: 1000}]}
x1: {test.nop: [{order: 1011}]}
x2: {test.nop: [{order: 1021}]}

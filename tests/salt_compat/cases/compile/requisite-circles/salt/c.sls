a: {test.nop: [{require: [{test: b}]}]}
b: {test.nop: [{prereq: [{test: a}]}]}
d: {test.nop: [{prereq: [{test: e}]}]}
e: {test.nop: [{require: [{test: d}]}]}

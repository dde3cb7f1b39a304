a: {test.nop: [{name: aa}, {require: [{test: b}]}]}
b: {test.nop: [{name: bb}, {require: [{test: a}]}]}
c: {test.nop: [{require: [{test: nope}]}]}

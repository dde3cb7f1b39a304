a: {test.nop: [{order: last}, {require: [{test: b}]}]}
b: {test.nop: [{require_in: [{test: c}]}, {require: [{test: c}]}]}
c: {test.nop: []}

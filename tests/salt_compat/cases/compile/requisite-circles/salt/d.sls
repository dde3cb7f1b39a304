z: {test.nop: [{require: [{test: y}]}]}
a: {test.nop: [{require_any: [{test: b}]}]}
b: {test.nop: [{onfail_any: [{test: c}]}]}
c: {test.nop: [{watch_any: [{test: a}]}]}
y: {test.nop: []}

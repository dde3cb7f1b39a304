a: {test.nop: [{require: [{foo: b}]}]}
b: {test.nop: [{require: [{test: zz}]}, {names: [p, q]}]}
c: {test.nop: [{require: [zz]}]}
d: {test.nop: [{require: [{id: zz}]}]}
e: {test.nop: [{require: [{test: 5}]}]}
f: {test.nop: [{require: [{sls: other}]}]}
g: {test.nop: [{watch: [{test: 'z*'}]}]}

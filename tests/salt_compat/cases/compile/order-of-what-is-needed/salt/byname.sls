a: {test.nop: [{require: [xx]}]}
b: {test.nop: [{name: xx}]}
c: {test.nop: [{watch: [{id: 'y*'}]}]}
d: {test.nop: [{names: [yy, zz]}]}

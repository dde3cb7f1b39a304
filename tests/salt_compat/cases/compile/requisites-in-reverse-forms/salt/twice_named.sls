a: {test.nop: [{require_in: [{test: xx}]}]}
b: {test.nop: [{name: xx}]}
c: {test.nop: [{name: xx}]}

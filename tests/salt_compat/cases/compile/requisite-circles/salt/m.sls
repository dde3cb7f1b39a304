a: {test.nop: [{onchanges_in: [{test: nope}]}]}
b: {test.nop: [{onfail_in: [{test: nope}]}]}
c: {test.nop: [{require_in: [{sls: nope}]}]}
d: {test.nop: [{require_in: [nope]}]}

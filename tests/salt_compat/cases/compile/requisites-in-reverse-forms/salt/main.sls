include: [part]
one: {test.nop: [{require_in: [both]}]}
both: {cmd.run: [{name: x}], test.nop: []}
two: {test.nop: [{watch_in: {test: three}}]}
three: test.nop
text: {test.nop: [{require_in: three}]}
any: {test.nop: [{require_any_in: [{test: three}]}, {onfail_all_in: [{test: three}]}]}
by-name: {test.nop: [{onchanges_in: [{test: called}]}]}
named: {test.nop: [{name: called}]}
of-names: {test.nop: [{names: [p, q]}, {onfail_in: [{test: three}]}]}
several: {test.nop: [{require_in: [{test: three}, {test: named}, {test: four}]}]}
four: test.nop
nowhere: {test.nop: [{require_in: [absent, 'f*']}]}
whole: {test.nop: [{require_in: [{sls: part}]}]}
hears: {test.nop: [{listen_in: [{test: four}]}]}

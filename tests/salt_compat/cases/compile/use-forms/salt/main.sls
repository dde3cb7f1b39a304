include: [part]
giver: {test.nop: [{name: called}, {k: 1}, {l: 2}, {require: [{test: last}]}, {require_any: [{test: last}]}, {onlyif: 'true'}, {unless: 'false'}, {failhard: true}, {retry: {attempts: 1}}]}
by-id: {test.nop: [{use: [{test: giver}]}, {k: 3}]}
by-name: {test.nop: [{use: [{test: called}]}]}
alone: {test.nop: [{use: [giver]}]}
of-sls: {test.nop: [{use: [{sls: part}]}]}
nothing: {test.nop: [{use: [{test: 'g*'}, {test: absent}, {id: giver}]}]}
gives: {test.nop: [{use_in: [{test: taker}, {test: absent}, both]}, {m: 4}]}
taker: {test.nop: [{k: 9}]}
both: {cmd.run: [{name: x}], test.nop: []}
names: {test.nop: [{names: [r, s]}, {k: 7}]}
of-names: {test.nop: [{use: [{test: names}]}]}
chain: {test.nop: [{use: [{test: of-names}]}]}
last: test.nop

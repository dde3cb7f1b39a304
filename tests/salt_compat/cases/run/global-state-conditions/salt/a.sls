a: {test.succeed_with_changes: []}
b: {test.nop: [{onchanges: [{test: a}]}]}
c: {cmd.run: [{name: 'true'}]}
d: {test.nop: [{onlyif: 'false'}]}

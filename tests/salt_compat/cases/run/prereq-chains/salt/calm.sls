one: {test.succeed_with_changes: [{prereq: [{test: two}]}]}
two: {test.succeed_with_changes: [{onchanges: [{test: three}]}]}
three: {test.nop: []}

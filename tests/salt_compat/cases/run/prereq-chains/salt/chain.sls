one: {test.nop: [{prereq: [{test: two}]}]}
two: {test.succeed_with_changes: [{prereq: [{test: three}]}]}
three: {test.succeed_with_changes: []}

one: {test.fail_with_changes: [{prereq: [{test: two}]}]}
two: {test.succeed_with_changes: []}
three: {test.nop: [{prereq: [{test: two}]}]}

one: {test.succeed_with_changes: [{prereq: [{test: two}]}]}
two: {test.fail_without_changes: []}
three: {test.nop: [{prereq: [{test: two}]}]}

one: {test.succeed_with_changes: [{prereq: [{test: two}]}]}
two: {test.succeed_with_changes: [{require: [{test: three}]}]}
three: {test.fail_without_changes: []}

a1: {test.succeed_with_changes: []}
a2: {test.nop: [{require: [{test: a1}]}]}
a3: {test.fail_without_changes: []}

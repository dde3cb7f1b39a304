a: {test.succeed_with_changes: [{require: [{test: b}]}]}
b: {test.fail_without_changes: [{require_in: [{test: c}]}]}
c: {test.nop: [{watch: [{test: a}]}, {onchanges: [{test: a}]}]}

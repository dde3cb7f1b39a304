c: test.fail_without_changes
a: test.fail_without_changes
b: test.fail_without_changes
x: {test.nop: [{require: [{test: c}, {test: a}]}, {watch: [{test: b}]}]}
v: {test.nop: [{require_any: [{test: b}, {test: c}]}, {require: [{test: a}]}]}
u: {test.nop: [{require: [{test: v}]}]}

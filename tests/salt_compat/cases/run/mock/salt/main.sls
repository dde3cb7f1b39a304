a: test.succeed_with_changes
b: {cmd.run: [{name: 'touch @TMP@/made'}, {require: [{test: a}]}]}
c: {test.fail_without_changes: [{onlyif: 'false'}]}
d: {test.nop: [{onchanges: [a]}]}
e: {test.nop: [{prereq: [f]}]}
f: test.nop
g: {test.nop: [{listen: [a]}]}

a: {test.nop: [{require_in: [{test: b}]}]}
b: {cmd.run: [{name: x}]}

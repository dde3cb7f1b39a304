a: {test.succeed_with_changes: [{listen_in: [{test: b}, {cmd: b}, {cmd: x}]}]}
b: {test.nop: [], cmd.wait: [{name: echo hi}]}

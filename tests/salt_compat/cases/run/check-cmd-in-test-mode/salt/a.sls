a: {test.succeed_with_changes: [{check_cmd: ['false']}]}
b: {test.succeed_with_changes: [{check_cmd: ['true']}]}
c: {test.fail_without_changes: [{check_cmd: ['true']}]}
d: {cmd.run: [{name: 'true'}, {check_cmd: ['false']}]}
e: {test.nop: [{check_cmd: 'true'}, {unless: 'true'}]}

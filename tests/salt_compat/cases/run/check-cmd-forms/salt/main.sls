a: {test.succeed_with_changes: [{check_cmd: ['true']}]}
b: {test.succeed_with_changes: [{check_cmd: ['false']}]}
c: {test.succeed_without_changes: [{check_cmd: ['true', 'false']}]}
d: {test.fail_without_changes: [{check_cmd: ['true']}]}
e: {test.fail_with_changes: [{check_cmd: 'true'}]}
h: {test.nop: [{check_cmd: [{fun: test.false}, 'true']}]}

a: {test.succeed_with_changes: []}
b: {cmd.wait: [{names: [echo hi, echo ho]}, {listen: [a]}]}

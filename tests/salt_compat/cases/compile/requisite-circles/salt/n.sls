a: {test.nop: [{listen: [{test: nope}, {sls: nope}, nope3]}, {name: aa}]}
b: {test.succeed_with_changes: [{listen_in: [{test: nope4}]}]}

one: {test.nop: [{prereq: [{test: two}]}, {onlyif: 'false'}]}
two: {test.succeed_with_changes: [{onlyif: 'false'}]}

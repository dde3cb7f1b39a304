one: {test.nop: [{prereq: [{test: two}, {test: three}, {test: four}]}]}
two: {test.succeed_with_changes: []}
three: {test.nop: []}
four: {test.fail_with_changes: []}

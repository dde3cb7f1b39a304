b: {test.nop: [{k: 1}], cmd.run: [{n: 1}, {k: 2}]}
c: {test.nop: [{k: 2}, {o: 1}]}

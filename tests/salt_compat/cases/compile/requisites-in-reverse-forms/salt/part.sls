include: [further]
five: {test.nop: [], cmd.run: []}

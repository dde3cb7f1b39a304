x: {test.nope: []}

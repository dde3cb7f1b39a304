x: {nope.nope: []}

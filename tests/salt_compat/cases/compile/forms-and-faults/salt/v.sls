x: {test: []}

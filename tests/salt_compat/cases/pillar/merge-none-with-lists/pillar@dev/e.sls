d: {x: dev}
onlydev: 1

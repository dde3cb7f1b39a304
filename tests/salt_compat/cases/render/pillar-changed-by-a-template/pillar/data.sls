data: {start: 1}

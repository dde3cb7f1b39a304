x: {file.touch: []}

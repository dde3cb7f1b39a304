x: d
d: 1

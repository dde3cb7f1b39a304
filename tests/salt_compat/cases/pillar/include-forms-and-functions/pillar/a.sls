include:
  - c
  - sub.d: {key: 'x:y', defaults: {v: 5, w: [1]}}
  - sub.*
  - .e
  - nope
a: 1
l: [a]

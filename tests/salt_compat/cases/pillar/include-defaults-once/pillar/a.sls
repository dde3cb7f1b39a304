include:
  - d: {key: k1, defaults: {v: 1}}
  - d: {key: k2, defaults: {v: 2}}
  - d

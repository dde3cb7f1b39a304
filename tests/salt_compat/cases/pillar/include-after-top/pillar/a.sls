include:
  - d: {key: k1, defaults: {v: 1}}
  - g: {key: 'a:b', defaults: {v: 1}}
  - g: {key: 'a:c', defaults: {v: 2}}

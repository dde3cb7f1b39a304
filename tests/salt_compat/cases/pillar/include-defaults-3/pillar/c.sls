include: [{d: {key: k3, defaults: {v: 3}}}]
c: 1

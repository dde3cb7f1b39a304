c: 1
include: [b, {d: {key: dd, defaults: {x: 5}}}]

d: {x: 2, y: {w: 2}}
l: [2, 3]
s: {a: 1}
n: {a: 1}
e: null
m: {a: {b: 1}}
t: [{a: 2}]

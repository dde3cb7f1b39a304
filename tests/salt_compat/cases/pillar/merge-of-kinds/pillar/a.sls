d: {x: 1, y: {z: 1}}
l: [1, 2]
s: str
n: null
e: {}
m: {a: [1]}
t: [{a: 1}]

d: {x: 1, l: [1, 2], n: {p: 1}}
s: text
l: [1]
t: {a: 1}
nul: null
k: {z: 1}

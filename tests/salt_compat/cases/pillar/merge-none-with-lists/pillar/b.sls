d: {x: 2, l: [2, 3], n: {q: 2}, m: null}
s: {a: 1}
l: [1, 2]
t: 5
nul: {a: 1}
k: null

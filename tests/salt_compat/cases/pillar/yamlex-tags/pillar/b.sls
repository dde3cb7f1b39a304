x: !aggregate {a: [2], c: 1}
y: [2]
z: !aggregate second
q: !reset {b: 1}

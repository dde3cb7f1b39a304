x: !aggregate {a: [1], b: 1}
y: [1]
z: !aggregate first
q: !reset {a: 1}

a: 1
b: {{ grains.nope.x }}
c: 2

a: {test.nop: [{names: [x, y]}, {order: last}]}
b: {test.nop: [{order: first}]}
c: {test.nop: [{order: -1}]}
d: {test.nop: [{order: -3}]}
e: {test.nop: [{order: 1.5}]}
f: {test.nop: [{order: '2'}]}
g: {test.nop: [{order: nosuch}]}
h: {test.nop: [{order: null}]}

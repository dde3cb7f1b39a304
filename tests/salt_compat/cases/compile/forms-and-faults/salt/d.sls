x: {test.nop: [{order: first}]}
y: {test.nop: [{order: last}]}
z: {test.nop: [{order: -1}]}
w: {test.nop: [{order: -5}]}
v: {test.nop: [{order: 1}]}
u: {test.nop: [{order: 10001}]}
t: {test.nop: [{order: bad}]}
s: {test.nop: [{order: 1.5}]}

a: {test.nop: [{require: [{test: [b]}]}]}
b: {test.nop: [{require: [[b]]}]}
d: {test.nop: [{require: [5]}]}
f: {test.nop: [{require_any: {test: b}}]}
g: {test.nop: [{listen: {test: b}}]}
h: {test.nop: [{use: {test: b}}]}
i: {test.nop: [{onfail_all: b}]}
j: {test.nop: [{k: 1, l: 2}]}
n: {test.nop: [{names: x}]}
o: {test.nop: [{names: {a: 1}}]}
p: {test.nop: }

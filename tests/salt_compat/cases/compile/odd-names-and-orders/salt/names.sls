number: {test.nop: [{name: 5}]}
yes: {test.nop: [{name: true}]}
nothing: {test.nop: [{name: null}]}
list: {test.nop: [{name: [1]}]}
mapping: {test.nop: [{name: {a: 1}}]}
twice: {test.nop: [{names: [x, x, y, 5, 1.5]}]}
with-own: {test.nop: [{names: [x, {x: [tag: 1]}, y]}]}
last-counts: {test.nop: [{names: [{x: [tag: 1]}, {x: [tag: 2]}, x]}]}
own-name: {test.nop: [{names: [{y: [order: 3, name: q, require: [twice]]}]}]}

number: {test.nop: [{name: 8080}]}
nothing: {test.nop: [{name: null}]}
truth: {test.nop: [{name: true}]}
list: {test.nop: [{name: [a, b]}]}
later: {test.nop: [{name: 5}, {name: last}]}
before: {test.nop: [{name: first}, {name: 5}]}
module: {test.nop: [{state: cmd}]}
twice: {test.nop: [{names: [one, two, one]}, {names: [two, three]}]}
own: {test.nop: [{names: [one: [{fun: ping}, {name: other}], two: [{extra: 1}]]}]}
numbers: {test.nop: [{names: [1, 2.5]}]}
ordered: {test.nop: [{order: "5"}, {names: [one, two]}]}

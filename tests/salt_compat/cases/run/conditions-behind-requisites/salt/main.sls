a: test.nop
f: test.fail_without_changes
b: {test.nop: [{onchanges: [a]}, {onlyif: 'false'}]}
c: {test.nop: [{onfail: [a]}, {onlyif: 'false'}]}
d: {test.nop: [{require: [f]}, {onlyif: 'false'}]}
e: {test.nop: [{prereq: [g]}, {onlyif: 'false'}]}
g: {test.nop: []}
h: {test.nop: [{onfail_any: [a]}, {unless: 'true'}]}
i: {test.nop: [{onfail_all: [a]}, {creates: /tmp}]}
j: {test.nop: [{onchanges_any: [a]}, {creates: /tmp}]}
k: {test.nop: [{onfail: [a]}, {onchanges: [a]}]}
l: {test.nop: [{onfail: [a]}, {watch: [f]}]}

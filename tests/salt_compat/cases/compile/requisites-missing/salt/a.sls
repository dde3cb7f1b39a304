x:
  test.nop: [{name: other}, {require: [{test: a}, {test: b}, c]}, {watch: [{test: d}]}, {onfail_any: [{test: e}]}]
y:
  test.nop: [{names: [n1, n2]}, {prereq: [{test: p}, q]}, {listen: [{test: l}]}, {use: [{test: u}]}]
z:
  test.nop: [{require: [{test: x}, {test: zz}]}, {onchanges: [{sls: nope}, {test: x}]}]
w:
  test.nop: [{listen_in: [{test: nope}]}]

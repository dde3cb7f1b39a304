pk: {a: pillar, lst: [1, 2]}
gr: {a: frompillar, p: 1}
master: {mk: mv}
my_dict: {a: {z: 9}}
test.foo: pillarfoo

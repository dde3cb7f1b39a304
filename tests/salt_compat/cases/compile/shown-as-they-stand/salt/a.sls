include: [b]
exclude: [{id: z}, c, {sls: d}]
extend:
  x: {test: [{tag: 1}]}
  nope: {test: [{tag: 1}]}
y: {test.nop: [{require_in: [{test: x}]}]}

short: test.nop
shortdict: {test.nop: null}
list:
  test.nop:
    - name: x
    - a: {b: [1]}
    - bare
longform:
  test:
    - nop
    - name: y
twofun:
  test.nop: []
  cmd.run: [{name: echo}]
dictargs:
  test.nop: {name: z, a: 1}
12: {test.nop: []}

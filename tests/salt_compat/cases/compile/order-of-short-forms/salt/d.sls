x:
  test: [nop, {require_in: [{cmd: x}]}]
  cmd.run: []
  file:
    - exists

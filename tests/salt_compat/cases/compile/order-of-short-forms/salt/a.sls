x:
  test.nop: []
  cmd: [run]
  file.touch: []
y:
  cmd:
    - run
  test.nop: []

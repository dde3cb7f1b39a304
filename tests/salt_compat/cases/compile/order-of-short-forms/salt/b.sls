x:
  test.nop: []
  cmd:
    - run
    - name: a
  file.touch: []
y:
  file: [exists]
  test.nop: []
  cmd: [run]

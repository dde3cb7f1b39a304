x:
  file.touch
y:
  cmd.run: []
  file:
    - exists
  test.nop: []

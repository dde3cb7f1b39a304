c:
  test.succeed_with_changes: []
w:
  test.nop:
    - watch: [{test: c}]
w2:
  cmd.wait:
    - name: echo hi
    - watch: [{test: c}]
x:
  test.nop: []

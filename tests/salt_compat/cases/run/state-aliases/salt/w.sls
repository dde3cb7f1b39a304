c:
  test.succeed_with_changes: []
w:
  cmd.watch:
    - name: echo hi
    - watch: [{test: c}]
q:
  cmd.watch:
    - name: echo no

#!yaml
s1:
  test.succeed_with_changes:
  - watch:
    - {test: s5}
s8:
  test:
  - succeed_without_changes
  - watch:
    - {test: s1}

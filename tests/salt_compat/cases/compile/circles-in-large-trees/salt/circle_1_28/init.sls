#!yaml
s2:
  test.succeed_without_changes:
  - {name: ns2}
  - prereq:
    - {test: s3}
s3:
  test.nop:
  - onchanges:
    - {test: s4}
    - {test: s2}
    - {test: s5}
s4:
  test.succeed_with_changes:
  - require:
    - {test: s1}
  - watch:
    - {test: s1}
s1:
  test:
  - succeed_with_changes
  - prereq:
    - {test: s5}
s5:
  test:
  - succeed_without_changes
  - onchanges:
    - {test: s0}
s0:
  test.succeed_with_changes:
  - prereq:
    - {test: s5}
    - {test: s3}
  - onfail:
    - {test: s4}
    - {test: s2}

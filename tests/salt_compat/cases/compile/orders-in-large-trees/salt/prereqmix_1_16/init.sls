#!yaml
s7:
  test.succeed_without_changes: []
s2:
  test.succeed_with_changes:
  - prereq_in:
    - {test: s7}
s3:
  test.succeed_without_changes:
  - {order: first}
  - require_in:
    - {test: s4}
  - require:
    - {test: s2}
  - watch:
    - {test: s2}
s1:
  test.succeed_with_changes:
  - watch:
    - {test: s2}
    - {test: s3}
  - require_in:
    - {test: s5}
s0:
  test.fail_with_changes:
  - require:
    - {test: s7}
s6:
  test:
  - succeed_without_changes
  - require_in:
    - {test: s4}
s4:
  test.fail_without_changes:
  - {name: ns4}
  - require_in:
    - {test: s5}
s5:
  test: [succeed_without_changes]

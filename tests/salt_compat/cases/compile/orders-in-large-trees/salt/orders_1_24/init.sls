#!yaml
s1:
  test.nop:
  - {order: last}
s2:
  test.fail_without_changes:
  - {order: 10002}
  - require:
    - {test: s1}
  - onchanges:
    - {test: s1}
s4:
  test:
  - succeed_without_changes
  - require:
    - {test: s1}
s5:
  test.succeed_without_changes:
  - {order: last}
  - watch:
    - {test: s2}
  - onchanges:
    - {test: s4}
    - {test: s1}
s3:
  test.succeed_with_changes:
  - require:
    - {test: s2}
  - onfail:
    - {test: s5}
    - {test: s4}
s0:
  test.fail_with_changes: []
s6:
  test.succeed_with_changes:
  - {order: -1}
  - onfail:
    - {test: s4}
  - require: [s2]

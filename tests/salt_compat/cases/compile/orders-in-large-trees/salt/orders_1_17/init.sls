#!yaml
s2:
  test.succeed_with_changes:
  - {order: 10002}
s1:
  test.nop:
  - {name: ns1}
  - {order: -1}
  - require_in:
    - {test: s5}
s7:
  test.succeed_without_changes:
  - {order: -1}
  - watch:
    - {test: s2}
    - {test: s1}
s5:
  test.fail_without_changes:
  - onchanges:
    - {test: s1}
    - {test: s2}
    - {test: s7}
  - require_in:
    - {test: s4}
    - {test: s0}
    - {test: s3}
  - watch:
    - {test: s7}
s3:
  test.fail_without_changes: []
s6:
  test:
  - succeed_with_changes
  - watch:
    - {test: s3}
    - {test: s1}
s4:
  test.fail_without_changes:
  - {name: ns4}
  - {order: 2}
  - watch:
    - {test: s7}
    - {test: s6}
  - onchanges:
    - {test: s2}
    - {test: s5}
    - {test: s1}
s0:
  test.succeed_with_changes:
  - {failhard: true}

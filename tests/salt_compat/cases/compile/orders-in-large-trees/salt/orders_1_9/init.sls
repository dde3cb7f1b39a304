#!yaml
s2:
  test.succeed_without_changes:
  - {order: 5}
s1:
  test.succeed_with_changes:
  - {name: ns1}
  - {order: -3}
  - watch:
    - {test: s2}
s3:
  test.succeed_without_changes:
  - onfail:
    - {test: s2}
s5:
  test.succeed_with_changes:
  - {name: ns5}
  - {order: 1}
  - require:
    - {id: s3}
    - {test: s2}
s0:
  test:
  - fail_without_changes
  - onfail:
    - {test: s2}
    - {test: s3}
    - {test: s5}
  - require_in:
    - {test: s6}
s4:
  test.succeed_without_changes:
  - {order: last}
  - watch:
    - {test: s1}
  - require_in:
    - {test: s7}
s6:
  test.succeed_without_changes:
  - {order: -3}
  - watch:
    - {test: s5}
    - {test: s3}
s7:
  test.fail_without_changes:
  - require:
    - {test: s0}
  - watch:
    - {test: s3}

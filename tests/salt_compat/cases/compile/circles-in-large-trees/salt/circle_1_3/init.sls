#!yaml
s1:
  test.fail_without_changes:
  - prereq:
    - {test: s3}
  - require:
    - {test: s*}
    - {id: s3}
    - {test: s2}
s3:
  test:
  - succeed_with_changes
  - {name: ns3}
  - onfail:
    - {test: s0}
s0:
  test.fail_without_changes:
  - onfail:
    - {test: s4}
s4:
  test.fail_with_changes:
  - watch:
    - {test: s0}
    - {test: s3}
    - {test: s2}
  - require:
    - {test: s*}
s2:
  test:
  - succeed_with_changes
  - {name: ns2}
  - {order: -3}
  - prereq:
    - {test: s1}
    - {test: s4}
    - {test: s0}

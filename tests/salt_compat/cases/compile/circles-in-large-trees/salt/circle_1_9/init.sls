#!yaml
s0:
  test.succeed_without_changes:
  - require_in:
    - {test: s4}
  - watch:
    - {test: s1}
s3:
  test.fail_without_changes:
  - require_in:
    - {test: s4}
    - {test: s0}
s4:
  test.succeed_with_changes:
  - prereq:
    - s3
    - {test: s0}
  - watch:
    - {test: s1}
    - {test: s*}
    - {test: s0}
s1:
  test.fail_without_changes:
  - {order: 10002}
  - require_in:
    - {test: s3}
    - {test: s2}
    - {test: s4}
  - listen:
    - {test: s0}
    - {test: s4}
s2:
  test.nop:
  - listen:
    - {sls: circle_1_9}
    - {test: s3}
  - watch:
    - {test: s1}

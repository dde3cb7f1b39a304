#!yaml
s4:
  test.fail_with_changes:
  - require_in:
    - {test: s0}
  - require:
    - {test: s2}
s0:
  test:
  - succeed_with_changes
  - {failhard: true}
s2:
  test.succeed_with_changes:
  - {failhard: true}
  - prereq:
    - {sls: circle_1_16}
    - {test: s0}
    - {test: s*}
s3:
  test.succeed_without_changes: []
s1:
  test:
  - succeed_with_changes
  - prereq:
    - {test: s*}
    - {test: s1}
  - onfail:
    - {test: s3}

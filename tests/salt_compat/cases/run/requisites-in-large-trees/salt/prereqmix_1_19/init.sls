#!yaml
include: [prereqmix_1_19.f1]
s5:
  test.succeed_without_changes:
  - prereq:
    - {test: s1}
s6:
  test.succeed_without_changes:
  - {name: ns6}
  - watch:
    - {test: s5}
s1:
  test.fail_with_changes: []
s3:
  test.fail_with_changes: []
s4:
  test.nop:
  - {order: -1}
  - {failhard: true}

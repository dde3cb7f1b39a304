#!yaml
include: [prereqmix_1_25.f1]
s0:
  test.fail_without_changes:
  - {unless: 'true'}
s1:
  test.succeed_with_changes:
  - {name: ns1}
  - onchanges:
    - {test: s0}
  - watch:
    - {test: s0}

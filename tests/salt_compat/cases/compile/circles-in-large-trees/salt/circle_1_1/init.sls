#!yaml
include: [circle_1_1.f2, circle_1_1.f1]
s6:
  test.fail_with_changes:
  - {name: ns6}
  - prereq:
    - {test: s1}
    - {id: s5}
  - listen:
    - {test: s3}
  - onfail:
    - {test: s*}
    - {test: s4}
    - {test: s7}
s1:
  test.fail_without_changes:
  - {onlyif: 'true'}
s0:
  test.succeed_with_changes:
  - listen:
    - {test: s4}

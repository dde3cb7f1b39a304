#!yaml
include: [circle_1_0.f1, circle_1_0.f2]
s7:
  test.succeed_with_changes:
  - watch:
    - {test: s*}
  - require:
    - {test: s2}
    - {id: s0}
    - {test: s8}
s6:
  test.succeed_with_changes:
  - require:
    - {test: s2}
    - {test: s1}
    - {test: s8}
s0:
  test.succeed_without_changes:
  - require_in:
    - {test: s4}
s2:
  test.succeed_with_changes:
  - prereq:
    - {test: s*}
    - {test: s1}

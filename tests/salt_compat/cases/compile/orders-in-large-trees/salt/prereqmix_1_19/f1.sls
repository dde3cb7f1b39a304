#!yaml
s2:
  test.succeed_without_changes:
  - require_in:
    - {test: s6}
s0:
  test:
  - fail_without_changes
  - prereq_in:
    - {test: s5}

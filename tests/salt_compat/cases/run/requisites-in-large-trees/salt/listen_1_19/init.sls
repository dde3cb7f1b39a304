#!yaml
include: [listen_1_19.f1, listen_1_19.f2]
s7:
  test.nop:
  - listen:
    - {test: s5}
    - {test: s2}
s8:
  test.fail_without_changes:
  - listen_in:
    - {test: s4}
s0:
  test.succeed_without_changes:
  - require:
    - {test: s1}
    - {test: s6}
  - listen:
    - {test: s5}
  - watch:
    - {test: s2}

#!yaml
include: [listen_1_19]
s4:
  test.succeed_without_changes:
  - listen:
    - {test: s5}
    - {test: s2}
    - s3
s5:
  test:
  - succeed_without_changes
  - listen_in:
    - {test: s4}
s2:
  test.succeed_with_changes:
  - require:
    - {test: s5}
  - listen_in:
    - {test: s5}
  - listen:
    - {test: s7}
    - s5
s6:
  test:
  - fail_with_changes
  - {name: ns6}
  - listen:
    - {test: s7}

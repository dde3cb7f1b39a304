#!yaml
s4:
  test.fail_with_changes:
  - {unless: 'false'}
  - onchanges:
    - {test: s1}
  - watch:
    - s6
    - {test: s0}
    - {test: s1}
  - prereq:
    - {test: s3}
s3:
  test:
  - succeed_with_changes
  - onchanges:
    - {test: s*}
  - onfail:
    - {test: s6}
  - prereq:
    - {test: s5}
    - {test: s*}
    - {test: s7}
s5:
  test.succeed_with_changes:
  - require:
    - {test: s1}
    - {sls: circle_1_0}

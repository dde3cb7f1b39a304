#!yaml
s5:
  test.fail_with_changes: []
s6:
  test.succeed_with_changes:
  - onfail_all:
    - {test: s5}
s7:
  test.succeed_with_changes:
  - onfail_in:
    - {test: s1}
    - {test: s0}
s0:
  test.fail_with_changes:
  - onfail:
    - {test: s5}
    - {test: s7}
  - onfail_any:
    - {test: s7}
s1:
  test.succeed_without_changes:
  - onfail_in:
    - {test: s2}
  - onfail_any:
    - {test: s7}
s2:
  test.succeed_with_changes:
  - {onlyif: 'false'}
  - onfail_any:
    - {test: s1}
  - onfail_all:
    - {test: s0}
s8:
  test.succeed_with_changes:
  - {name: ns8}
  - onfail:
    - {test: s0}
    - {test: s7}
    - {test: s6}
s3:
  test:
  - succeed_without_changes
  - {unless: 'false'}
  - onfail_all:
    - {test: s0}
s4:
  test.succeed_without_changes:
  - onfail:
    - {test: s2}
    - {test: s1}
    - {test: s0}

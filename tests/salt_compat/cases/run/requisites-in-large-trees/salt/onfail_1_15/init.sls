#!yaml
s3:
  test.succeed_with_changes:
  - {unless: 'true'}
  - onfail_in:
    - {test: s8}
    - {test: s0}
    - {test: s2}
s0:
  test.fail_without_changes:
  - onfail:
    - {test: s3}
  - onfail_in:
    - {test: s6}
    - {test: s8}
  - onfail_all:
    - {test: s3}
s6:
  test.succeed_with_changes:
  - onfail_in:
    - {test: s2}
    - {test: s4}
    - {test: s1}
  - onfail_any:
    - {test: s3}
    - {test: s0}
  - require:
    - {test: s0}
    - s3
s8:
  test.succeed_without_changes:
  - {name: ns8}
  - onfail_all:
    - {test: s0}
    - {test: s6}
  - onfail:
    - {test: s0}
    - {test: s6}
s4:
  test.succeed_with_changes:
  - onfail:
    - {test: s3}
    - {test: s6}
    - {test: s0}
s7:
  test.fail_without_changes:
  - {order: 1}
  - onfail:
    - {test: s0}
    - {id: s6}
  - onfail_in:
    - {test: s5}
s5:
  test.succeed_without_changes:
  - {name: ns5}
  - {unless: 'true'}
  - onfail_any: [s3]
s1:
  test.succeed_with_changes:
  - onfail:
    - {test: s4}
s2:
  test.succeed_without_changes:
  - onfail_all:
    - {test: s1}

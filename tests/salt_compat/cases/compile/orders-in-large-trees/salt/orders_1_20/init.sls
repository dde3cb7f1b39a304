#!yaml
include: [orders_1_20.f1]
s5:
  test.succeed_with_changes:
  - require_in:
    - {test: s1}
    - {test: s3}
    - {test: s0}
s0:
  test.fail_without_changes:
  - {order: 2}
  - require_in:
    - {test: s1}
    - {test: s6}
    - {test: s3}
s6:
  test.nop:
  - {unless: 'true'}
  - onchanges:
    - {id: s2}
    - {test: s0}
  - require:
    - s7
    - {test: s2}
    - {test: s5}

#!yaml
include: [onch_1_11]
s3:
  test.nop:
  - {onlyif: 'true'}
  - onchanges:
    - {test: ns5}
  - onchanges_any:
    - {test: s5}
  - watch_in:
    - {test: s6}
    - {test: s8}
    - {sls: onch_1_11.f2}
s2:
  test.succeed_without_changes:
  - watch_any:
    - {test: s3}
s4:
  test.succeed_with_changes: []

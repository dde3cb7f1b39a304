#!yaml
include: [onch_1_11.f1, onch_1_11.f2]
s5:
  test.succeed_with_changes:
  - {name: ns5}
s6:
  test.succeed_with_changes:
  - watch_any:
    - {test: s5}
    - {test: s2}
  - require_any:
    - {test: s5}
s8:
  test.succeed_with_changes:
  - watch_any:
    - {test: s6}
    - {test: s5}
  - require_any:
    - {test: s3}
  - onchanges_in:
    - {test: s1}
    - {test: s0}

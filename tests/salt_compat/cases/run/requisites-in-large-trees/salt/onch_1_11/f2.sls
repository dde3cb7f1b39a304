#!yaml
s1:
  test.nop:
  - {name: ns1}
s0:
  test.fail_without_changes:
  - require_any:
    - {test: s3}
  - onchanges:
    - {test: s2}
    - {test: s8}
    - {sls: onch_1_11.f1}
s7:
  test.succeed_without_changes:
  - onchanges:
    - {test: s1}
  - onchanges_any:
    - {test: s2}
    - {test: s3}

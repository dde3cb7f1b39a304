#!yaml
s3:
  test.fail_with_changes:
  - onchanges:
    - {test: s0}
    - {test: s*}
s5:
  test:
  - nop
  - {name: ns5}
  - require:
    - {test: s4}

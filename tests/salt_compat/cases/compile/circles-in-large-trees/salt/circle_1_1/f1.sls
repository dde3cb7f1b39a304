#!yaml
s7:
  test.nop:
  - {failhard: true}
  - require_in:
    - {test: s1}
    - {test: s6}
s2:
  test.fail_without_changes:
  - onchanges:
    - {test: s4}
s4:
  test.succeed_without_changes:
  - {name: ns4}
  - require:
    - {test: s5}
    - s0
    - {test: s3}

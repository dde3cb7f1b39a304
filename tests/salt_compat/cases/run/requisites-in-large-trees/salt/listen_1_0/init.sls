#!yaml
s0:
  test.succeed_without_changes:
  - listen: [s5]
s7:
  test.succeed_without_changes:
  - listen:
    - {test: s8}
s8:
  test.succeed_with_changes:
  - listen:
    - {test: s3}
    - {test: s5}
    - {test: s6}
  - watch:
    - {test: s0}
s1:
  test.succeed_with_changes:
  - require:
    - {test: s8}
  - listen:
    - {test: s7}
    - {test: s6}
    - {test: s0}
  - watch:
    - {test: s7}
s6:
  test.fail_with_changes:
  - {failhard: true}
  - require:
    - {test: s1}
    - {test: s7}
s5:
  test.succeed_without_changes:
  - {name: ns5}
  - watch:
    - {test: s6}
    - {test: s0}
s2:
  test.succeed_with_changes: []
s4:
  test.succeed_with_changes:
  - {name: ns4}
  - listen:
    - {test: s0}
  - require:
    - {test: s6}
    - {test: s7}
    - {test: s2}
s3:
  test:
  - nop
  - listen_in:
    - {test: s7}
    - {test: s1}
    - {test: s0}

#!yaml
s2:
  test.succeed_with_changes: []
s5:
  test.succeed_with_changes:
  - watch:
    - {test: s2}
  - onfail_in:
    - {test: s4}
    - {test: s0}
s3:
  test:
  - fail_without_changes
  - listen_in:
    - {test: s2}
  - use_in:
    - {test: s7}
    - {test: s0}
    - {test: s1}
s0:
  test:
  - succeed_with_changes
  - listen:
    - {test: s5}
  - onfail:
    - {test: s5}
    - {test: s3}
s6:
  test.succeed_without_changes:
  - {name: ns6}
  - onchanges:
    - {test: s2}
s4:
  test.fail_without_changes:
  - listen_in:
    - {test: s6}
s7:
  test.succeed_without_changes:
  - {order: 10002}
  - use_in:
    - {test: s1}
  - onchanges:
    - {test: s5}
    - s0
s1:
  test.fail_without_changes:
  - {name: ns1}
  - watch:
    - {test: ns6}
    - {test: s7}
    - {test: s5}
  - listen_in:
    - {test: s0}
    - {test: s3}
    - {test: s6}
  - require_any:
    - {test: s7}
extend:
  s1:
    test:
    - watch:
      - {test: s3}

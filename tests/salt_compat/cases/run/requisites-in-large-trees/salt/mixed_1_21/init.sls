#!yaml
s5:
  test.succeed_with_changes:
  - listen_in:
    - {test: s0}
s1:
  test.succeed_with_changes:
  - {name: ns1}
  - onchanges:
    - {test: s5}
  - onfail_any: [s5]
  - require_in:
    - {test: s2}
    - {test: s0}
s0:
  test.fail_without_changes:
  - {order: first}
  - {unless: 'true'}
  - onfail:
    - {test: s1}
s7:
  test.succeed_without_changes:
  - onfail_in:
    - {test: s3}
    - {test: s6}
    - {test: s2}
  - onfail_any:
    - {test: s5}
    - {test: s0}
    - {test: s1}
s3:
  test.succeed_with_changes:
  - use_in:
    - {test: s6}
    - {test: s4}
s6:
  test.succeed_with_changes:
  - onfail_in:
    - {test: s4}
    - {test: s2}
  - prereq_in:
    - {test: s3}
  - use:
    - {test: s1}
s4:
  test.succeed_with_changes:
  - use:
    - {test: s0}
    - {test: s6}
    - {test: s5}
  - onchanges_any:
    - {test: s3}
s2:
  test.nop:
  - {name: ns2}

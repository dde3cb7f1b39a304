#!yaml
s5:
  test.nop:
  - watch:
    - {test: s2}
  - require:
    - {test: s1}
s2:
  test.succeed_with_changes:
  - onfail:
    - {test: s1}
    - {test: s0}
    - {test: s4}
  - listen:
    - {id: s5}
    - {test: s3}
    - {test: s1}
s3:
  test.succeed_with_changes:
  - {name: ns3}
  - onchanges:
    - {test: s*}
    - {test: s2}
    - {test: s1}
  - onfail:
    - {test: s5}
s1:
  test.succeed_with_changes:
  - onfail:
    - {test: s4}
    - s0
    - {test: s2}
  - require_in:
    - {test: s5}
    - {test: s4}
  - require:
    - {test: s*}
    - {test: s0}
    - {test: s5}
s4:
  test.succeed_without_changes:
  - {name: ns4}
  - onfail:
    - {test: s3}
    - s1
s0:
  test.fail_without_changes:
  - listen:
    - {test: s4}
    - {test: s5}
    - {test: s1}
  - require:
    - {test: s1}
    - {test: s4}
    - {test: s2}

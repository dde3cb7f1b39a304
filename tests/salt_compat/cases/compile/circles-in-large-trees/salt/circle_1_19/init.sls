#!yaml
s1:
  test.nop:
  - {unless: 'false'}
  - onfail:
    - s5
    - {test: s3}
    - {test: s0}
  - require:
    - {test: s0}
s3:
  test.fail_without_changes:
  - {name: ns3}
  - {failhard: true}
  - require:
    - {sls: circle_1_19}
  - listen:
    - {test: s*}
s0:
  test.succeed_without_changes:
  - require_in:
    - {sls: circle_1_19}
    - {test: s2}
s2:
  test.succeed_with_changes:
  - prereq:
    - {test: s5}
s4:
  test.succeed_with_changes:
  - {name: ns4}
s5:
  test.succeed_with_changes:
  - prereq:
    - {test: s0}
    - s2
  - listen:
    - {test: s2}

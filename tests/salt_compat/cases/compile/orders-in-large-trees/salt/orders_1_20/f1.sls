#!yaml
s2:
  test:
  - nop
  - {name: ns2}
  - {order: 1}
  - {unless: 'true'}
s7:
  test.succeed_without_changes:
  - {name: ns7}
  - onchanges:
    - {test: s2}
s4:
  test:
  - nop
  - names: [s4x, s4y]
  - {order: -1}
s1:
  test.fail_without_changes:
  - names: [s1x, s1y]
  - onchanges:
    - s4
    - {test: s5}
    - {test: s2}
  - require:
    - {test: s4}
  - onfail:
    - {test: s5}
s3:
  test.succeed_with_changes:
  - {order: 2}
  - {onlyif: 'true'}

#!yaml
s3:
  test.nop:
  - watch:
    - {test: s5}
    - {test: s2}
s1:
  test.nop:
  - {order: 5}
  - {unless: 'true'}
  - watch:
    - {test: s7}
    - s3

#!yaml
s4:
  test.succeed_with_changes:
  - {name: ns4}
  - onchanges_in:
    - {test: s0}
s5:
  test.succeed_with_changes:
  - {unless: 'true'}
  - onchanges:
    - {test: s4}
  - watch:
    - {test: s4}
  - watch_any: [s4]
s2:
  test.succeed_without_changes:
  - {onlyif: 'true'}
  - require_any:
    - {test: s5}
    - {test: s4}
  - onchanges_any:
    - {test: s5}
    - {test: s4}
  - watch:
    - {test: s4}
s0:
  test.succeed_with_changes:
  - watch_in:
    - {test: s3}
  - onchanges_in:
    - {test: s1}
    - {test: s6}
    - {test: s3}
  - onchanges:
    - {test: s2}
    - {test: s5}
s6:
  test:
  - succeed_without_changes
  - {unless: 'false'}
  - watch_in:
    - {test: s3}
    - {test: s1}
  - onchanges_in:
    - {test: s3}
    - {test: s1}
s1:
  test.fail_without_changes:
  - onchanges_in:
    - {test: s3}
  - onchanges_any:
    - {test: s4}
    - {test: s5}
s3:
  test.succeed_with_changes:
  - require_any:
    - {test: s2}

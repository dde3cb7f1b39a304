include: [web]
late:
  test.nop:
    - require_in: [{test: pkg}]
    - prereq: [{test: run}]

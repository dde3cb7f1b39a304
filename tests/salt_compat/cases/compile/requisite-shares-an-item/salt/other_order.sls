one:
  test.nop:
    - name: first
      require:
      - test: two
two:
  test.nop: []

include: [base]
conf:
  test.nop:
    - require: [{sls: base}]

#!stateconf -o yaml . jinja
.one: {test.nop: []}
.two:
  test.nop:
    - require: [{test: x}]
three: {test.nop: []}
.four: test.nop

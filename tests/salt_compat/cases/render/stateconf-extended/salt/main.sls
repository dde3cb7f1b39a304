#!stateconf yaml . jinja
include: [.worker]
extend:
  .worker::params:
    stateconf.set:
      - user: web
.last:
  test.nop:
    - require: [{stateconf: .worker::goal}]

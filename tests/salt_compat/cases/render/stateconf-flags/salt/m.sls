#!stateconf yaml . jinja
.x:
  test.nop: []
  cmd.run: [{name: "echo"}, {onchanges: [{test: .x}]}, {listen_in: [{cmd: .x}]}]

#!stateconf yaml . jinja
.p:
  stateconf.set: [{v: 1}]
.x: {test.nop: [{name: "{{ p is defined }}"}]}

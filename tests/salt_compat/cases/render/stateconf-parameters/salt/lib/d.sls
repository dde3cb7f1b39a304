#!stateconf yaml . jinja
.dd: {test.nop: []}

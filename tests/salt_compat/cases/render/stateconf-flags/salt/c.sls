#!stateconf -G yaml . jinja
.one: {test.nop: []}
.two: {test.nop: []}

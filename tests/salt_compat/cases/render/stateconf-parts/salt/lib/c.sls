#!stateconf yaml . jinja
include: [.d]
.cc: {test.nop: [{use: [{test: .d::dd}]}]}

#!stateconf yaml . jinja
include: [.a, b, lib.c, {dev: .x}]
extend:
  .a::other: {test: [{tag: 1}]}
  a::other: {test: [{require_in: [{test: .me}]}]}
  .me: {test: [{require: [{test: .a::other}]}]}
.me: {test.nop: [{require: [{test: .a::other}, {sls: .a}]}]}

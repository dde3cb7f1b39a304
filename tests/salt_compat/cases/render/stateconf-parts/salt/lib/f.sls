#!stateconf yaml . jinja
.p:
  stateconf.set: [{v: 1}]
# --- end of state config ---
exclude: [.d, {id: .dd}, {id: .d::dd}, {sls: lib.c}]
include: [.d]
{{ p.v }}: {test.nop: []}

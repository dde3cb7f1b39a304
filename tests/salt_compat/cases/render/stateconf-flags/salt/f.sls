#!stateconf yaml . jinja
.p:
  stateconf.set: [{v: 1}]
# --- end of state config ---
.x: {test.nop: [{name: "{{ p.v }}"}]}
extend:
  .y: {test: [{a: 1}]}
.y: {test.nop: []}
exclude: [{id: .x}, {sls: .z}]

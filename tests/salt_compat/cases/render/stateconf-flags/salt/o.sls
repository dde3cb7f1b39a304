#!stateconf yaml . jinja
.p:
  stateconf.set: [{v: 1}, {w: [1, 2]}]
# --- end of state config ---
#{{ p }}
.x: {test.nop: [{name: "{{ p.w }}{{ sls_name is defined }}"}]}

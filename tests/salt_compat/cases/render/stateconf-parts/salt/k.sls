#!stateconf yaml . jinja
.x: {stateconf.context: [{a: 1}]}
stateconf.z: {test.nop: []}

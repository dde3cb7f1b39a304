#!jinja|yaml|stateconf -p
.p: {stateconf.set: [{v: 1}]}
.x: {test.nop: []}

#!stateconf
.x: {test.nop: [{name: "{{ 1 + 1 }}"}]}

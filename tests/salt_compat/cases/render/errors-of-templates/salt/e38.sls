{% set x = salt['cmd.run']('exit 1') %}x: {test.nop: [{name: '{{ x }}'}]}

extend: {nowhere: {test: [{k: 3}]}}
a: {test.nop: [{require_in: [{test: absent}]}]}

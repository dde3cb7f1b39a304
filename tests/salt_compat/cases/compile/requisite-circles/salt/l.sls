a: {test.nop: [{watch_in: [{test: nope}]}, {listen_in: [{test: nope2}]}, {use_in: [{test: nope3}]}, {prereq_in: [{test: nope4}]}]}

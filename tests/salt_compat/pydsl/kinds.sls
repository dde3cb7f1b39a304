#!pydsl
state('a').test.nop().use(test='b').listen(test='b').onfail(test='b').onchanges(test='b')
state('b').test.nop().require().watch(state('c').test, state('d').test)
state('c').test.nop().prereq_in(test='e').use_in(test='e').watch_in(test='f').listen_in(test='f').require_in(test='f')
state('d').test.nop()
state('e').test.nop()
state('f').test.nop()
state('g').test.nop().prereq(test='f')

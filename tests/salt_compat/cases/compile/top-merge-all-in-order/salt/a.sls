a: {test.nop: [{name: '{{ saltenv }} {{ salt.cp.list_states("dev") | length }}'}]}

include: [sub.e]
d: {test.nop: [{name: '{{ saltenv }} {{ sls }}'}]}

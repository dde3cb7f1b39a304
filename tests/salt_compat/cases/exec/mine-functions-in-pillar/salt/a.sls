x: {test.nop: [{name: "{{ salt['mine.get']('*', 'bb') }}"}]}

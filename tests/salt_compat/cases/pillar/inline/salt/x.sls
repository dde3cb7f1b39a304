x: {test.nop: [{name: "{{ pillar.a }}-{{ pillar.get('inl') }}-{{ salt['pillar.get']('a:b') }}"}]}

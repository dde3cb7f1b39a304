{{ pillar.get('x', 'none') }}: {test.nop: []}

a: {b: 1, c: [1]}
uses: {{ pillar.get('inl', 'none') }}

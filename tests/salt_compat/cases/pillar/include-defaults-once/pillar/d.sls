d: {{ v | default('none') }}
other: {x: 1}

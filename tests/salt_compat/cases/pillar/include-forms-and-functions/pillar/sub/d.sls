d: {{ v | default('none') }}
w: {{ w | default('none') }}

g: {{ v | default('none') }}

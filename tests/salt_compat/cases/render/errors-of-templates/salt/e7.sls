a: {{ salt['test.nope']() }}

a: {{ salt['cmd.run']() }}

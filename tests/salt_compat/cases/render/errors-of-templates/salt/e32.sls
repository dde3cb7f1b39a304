{{ salt['test.echo']('a', 'b', 'c') }}

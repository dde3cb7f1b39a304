def run():
    return '{} {} {} {} {}\n'.format(name, data, context['path'], context['dd'], salt['test.echo']('x'))

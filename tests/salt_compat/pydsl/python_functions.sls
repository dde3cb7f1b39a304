#!pydsl
def helper(a, *args, **kws):
    return "got %s %s %s" % (a, args, kws)
state('c').cmd.call(helper, 'test', 'a', x=1)
state('w').cmd.wait_call(helper, 1).watch(cmd='c')
state('d').cmd('call', helper, 'q', name='dd', args=3)

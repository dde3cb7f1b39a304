#!pydsl
s = state('S')
s.test.succeed_with_changes()
s.cmd.run('echo now')
results = s()
state('T').test.configurable_test_state(
    changes=False, result=True, comment=str([(tag, one['result']) for tag, one in results])
)
def helper(a, *args, **kws):
    return 'got %s %s %s' % (a, args, kws)
state('c').cmd.call(helper, 'test', 'a', x=1)
state('w').cmd.wait_call(helper, 1).watch(cmd='c')

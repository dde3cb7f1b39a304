#!pyobjects
import salt://lib/m.sls
from salt://lib/m.sls import x, y as z
import   salt://lib/m.sls
from salt://lib/n.py import one
from os import path; import json
Test.nop("i", tags=[m.x, x, z, one(), m.x], ll=[1, {'a': 2}])
Test.nop(config('id') + str(config('nope:x', 'dflt')))
Test.nop(grains('os_family') + grains('nope', 'dd'))
Test.nop("pp" + pillar("nope", "alt"))
Test.nop("s1" + salt.test.echo('e'))
Test.nop("dunder" + __salt__['test.echo']('e') + __grains__['os'] )
Test.nop("env" + str(sorted(k for k in globals() if k[:1].islower() or k[0] == '_')))

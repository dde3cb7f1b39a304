#!pydsl
apache2 = state('apache2')
apache2.pkg.installed()
state('wsgi').pkg.installed()
apache2.service.running().require(apache2.pkg, pkg='wsgi').watch(file='/etc/x')
apache2.service.require(state('wsgi').pkg, pkg='apache2').watch(file='/etc/y')
state('z').service.running('n')
state('u').file.managed()

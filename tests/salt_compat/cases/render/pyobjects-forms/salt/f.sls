#!pyobjects
class Samba(Map):
    priority = ('os', 'os_family')
    class Debian:
        service = 'smbd'
        server = 'samba'
    class DebianOs:
        __grain__ = 'os'
        __match__ = 'Debian'
        server = 'special'
        service = 'os'
Test.nop(Samba.service + Samba.server)

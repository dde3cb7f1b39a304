#!pyobjects
class O(Map):
    class A:
        __match__ = 'Debian'
        z = 3
    class B:
        __match__ = 'm1'
        __grain__ = 'id'
        z = 4
    class C:
        __match__ = 'Linux'
        __grain__ = 'kernel'
        z = 5
class P(Map):
    class C:
        __match__ = 'Linux'
        __grain__ = 'kernel'
        z = 5
    class B:
        __match__ = 'm1'
        __grain__ = 'id'
        z = 4
Test.nop(str(O.z) + str(P.z))

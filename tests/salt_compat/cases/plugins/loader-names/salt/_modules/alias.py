"""Doc of module."""
__func_alias__ = {"set_": "set", "import_": "import", "nosuch_": "nope"}
__outputter__ = {"set": "txt"}
CONST = 5
class Klass: pass
lam = lambda x=1: x
from os import path
from os.path import join
def set_(): return "set"
def import_(): return "imp"
def fname(): return __name__
def ffile(): return __file__.rsplit("/", 1)[-1]
def opt(): return __opts__["my"]
def opt2(): return __opts__.get("nosuch", "d")
def proxy(): return str(__proxy__) if "__proxy__" in globals() else "none"
def names(): return sorted(n for n in globals() if n.startswith("__") and n.endswith("__"))
def pil(): return __pillar__["num"]
def pilget(): return __pillar__.get("num", 0)
def ctx():
    __context__["alias.x"] = 1
    return __salt__["second.seen"]()
def salts(): return ["test.ping" in __salt__, "no.no" in __salt__, __salt__.get("no.no"), len(list(__salt__)) > 100]
def attr(): return __salt__.test.ping()
def miss(): return __salt__["no.no"]()
def kw(**kwargs): return sorted(k for k in kwargs if not k.startswith("__"))
def kwp(**kwargs): return sorted(k for k in kwargs if k.startswith("__"))
def va(*args): return list(args)
def both(a, b=2, *args, **kwargs): return [a, b, list(args), sorted(k for k in kwargs if not k.startswith("__"))]
def kwonly(a, *, b=3): return [a, b]
def posonly(a, b=1, /): return [a, b]
def defaults(a, b="x", c=None, d=[1]): return [a, b, c, d]
def ann(a: int, b: str = "q") -> str: return type(a).__name__ + b
def env(): 
    import os
    return "SALT" in os.environ
async def coro(): return 1
def grains_(): return __grains__["id"]
def grset():
    __grains__["zz"] = 1
    return __salt__["grains.get"]("zz")
def states(): return "test.nop" in __states__ if "__states__" in globals() else "no states"
def utils(): return __utils__["dictupdate.update"]({"a": 1}, {"b": 2})
def ret(): return "__ret__" in globals()
def runner(): return __salt__["cmd.run"]("echo hi")
def pysh(): return __salt__["cmd.run"]("echo $HOME | cat", python_shell=False)
def pysh2(): return __salt__["cmd.run"]("echo a | cat")
def optmod():
    __opts__["changed"] = 1
    return __salt__["config.get"]("changed")

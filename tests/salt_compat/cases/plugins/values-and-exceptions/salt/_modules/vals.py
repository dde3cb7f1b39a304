"""Values."""
import collections, datetime, decimal, pathlib, uuid, enum, re
from salt.exceptions import *

def by(): return b"abc"
def by2(): return {"a": b"x", b"k": [b"y", b"\xff"]}
def badby(): return b"\xff\xfe"
def bya(): return bytearray(b"abc")
def st(): return {"x"}
def fs(): return frozenset(["x"])
def tup(): return (1, (2, 3))
def gen():
    yield 1
    yield 2
def gend():
    yield {"a": 1}
    yield {"b": 2}
def od(): return collections.OrderedDict([("z", 1), ("a", 2)])
def nt(): return collections.namedtuple("N", "a b")(1, 2)
def dd():
    d = collections.defaultdict(list); d["a"].append(1); return d
def dt(): return datetime.datetime(2020, 1, 2, 3, 4, 5)
def d8(): return {"d": datetime.date(2020, 1, 2)}
def dec(): return decimal.Decimal("1.5")
def pth(): return pathlib.Path("/a/b")
def cplx(): return 1 + 2j
def obj(): return re.compile("a")
def fun(): return len
def cls(): return dict
def exc(): return ValueError("x")
def intkey(): return {1: "a", 2.5: "b", None: "c", True: "d"}
def tupkey(): return {(1, 2): "a"}
def big(): return 2**70
def nan(): return float("inf")
def empty(): return ""
def nothing(): pass
def zero(): return 0
def mapobj(): return map(str, [1, 2])
def rng(): return range(3)
def dkeys(): return {"a": 1}.keys()
def ditems(): return {"a": 1}.items()
def uni(): return "ü\u2028\x00\t"
def surr(): return "\udcff"
def multi(): return "a\nb\n"
def sub():
    class S(str): pass
    return S("x")
def resf(): return {"result": False, "comment": "c"}
def resn(): return {"result": None}
def succf(): return {"success": False}
def rets(): return {"return": 5, "retcode": 3}
def rc0():
    __context__["retcode"] = 0
    return False
def rcs():
    __context__["retcode"] = "x"
    return 1
def rct():
    __context__["retcode"] = True
    return 1
def sysexit():
    import sys; sys.exit(4)
def sysexit0():
    import sys; sys.exit(0)
def kbd(): raise KeyboardInterrupt()
def typ(): raise TypeError("wrong type")
def typ2(): return len(5)
def key(): return {}["nokey"]
def idx(): return [][3]
def attr(): return None.foo
def zdiv(): return 1 / 0
def ass(): assert False, "asserted"
def ass2(): assert 1 == 2
def os_(): open("/nosuch/file")
def imp(): import nosuch_mod_x
def noti(): raise NotImplementedError("todo")
def stop(): raise StopIteration("s")
def plain(): raise Exception("plain")
def plain0(): raise Exception
def multi_exc(): raise ValueError("line1\nline2")
def args2(): raise ValueError("a", "b")
def cmdnf(): raise CommandNotFoundError("no such cmd")
def authe(): raise AuthenticationError("auth")
def sre(): raise SaltRenderError("render")
def sae(): raise SaltException("generic")
def mer(): raise MinionError("minion")
def tmo(): raise TimedProcTimeoutError("timed")
def info(): raise CommandExecutionError("msg", info={"a": 1})
def info2(): raise CommandExecutionError("msg.", info="text")
def fsr(): raise FileserverConfigError("fsc")
def sle(): raise SaltLoadPause("x")
def cust():
    class My(Exception):
        def __str__(self): return "custom text"
    raise My()
def chain():
    try: {}["q"]
    except KeyError as e: raise RuntimeError("outer") from e
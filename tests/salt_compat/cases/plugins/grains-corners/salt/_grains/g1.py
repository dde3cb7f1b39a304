"""Grains."""
import os
__virtualname__ = "gone"
def main(): return {"g_one": 1, "os": "fromgrain", "stat": "mod", "nested": {"a": 1}, "lst": ["b"]}
def none(): return None
def lst(): return ["x"]
def txt(): return "x"
def withargs(grains): return {"seen_os": grains.get("os"), "seen_id": "id" in grains}
def withopts(opts): return {"never": 1}
def opts_(): return {"optid": __opts__["id"]}
def salts(): return {"has_salt": "__salt__" in globals()}
def util(): return {"has_utils": "__utils__" in globals()}
def exc(): raise ValueError("x")
def _priv(): return {"priv": 1}
def nested2(): return {"nested": {"b": 2}}
def tup(): return {"tup": (1, 2), "setg": "x", "num": 5, "boo": True, "non": None, "emp": ""}
notfunc = 5
helper = os.path.join

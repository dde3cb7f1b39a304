"""States."""
__virtualname__ = "stv"
def __virtual__(): return __virtualname__
def ok(name, a=1, **kwargs): return {"name": name, "changes": {}, "result": True, "comment": "a=%s %s" % (a, sorted(k for k in kwargs if not k.startswith("_")))}
def ch(name): return {"name": name, "changes": {"x": "y"}, "result": True, "comment": ["l1", "l2"]}
def none(name): return {"name": name, "changes": {"x": 1}, "result": None, "comment": ""}
def miss(name): return {"name": name, "changes": {}}
def badch(name): return {"name": name, "changes": [1], "result": True, "comment": ""}
def strres(name): return {"name": name, "changes": {}, "result": "yes", "comment": ""}
def nothing(name): return None
def req(name, must): return {"name": name, "changes": {}, "result": True, "comment": must}
def env(name): return {"name": name, "changes": {}, "result": True, "comment": "%s %s %s" % (__env__ if "__env__" in globals() else "-", __opts__["test"], __id__ if "__id__" in globals() else "-")}
def salt_(name): return {"name": name, "changes": {}, "result": True, "comment": __salt__["cmd.run"]("echo hi")}
def util(name): return {"name": name, "changes": {}, "result": True, "comment": __utils__["hu.up"]("x")}
def inst(name): return {"name": name, "changes": {}, "result": True, "comment": str("__instance_id__" in globals()) + str(__context__.get("q"))}
def sub(name): return {"name": name, "changes": {}, "result": True, "comment": "subs", "sub_state_run": [{"name": "s", "changes": {}, "result": True, "comment": "in", "low": {"name": "s", "state": "x", "__id__": "x", "fun": "y"}}]}
def pch(name): return {"name": name, "pchanges": {"a": 1}, "changes": {}, "result": True, "comment": "p"}
def exc(name): raise Exception("state exc")
def cee(name):
    from salt.exceptions import CommandExecutionError
    raise CommandExecutionError("cee")
def mod_watch(name, sfun=None, **kw): return {"name": name, "changes": {"w": sfun}, "result": True, "comment": "watched"}
def mod_init(low): return True

__func_alias__ = {"set_": "set"}
def get(key, profile=None): return [key, (profile or {}).get("x")]
def set_(key, value, profile=None): return "set %s=%s" % (key, value)
def delete(key, profile=None): return "del " + key

def yes(name):
    return {"name": name, "result": "yes", "comment": "c", "changes": {}}
def zero(name):
    return {"name": name, "result": 0, "comment": "c", "changes": {}}
def empty(name):
    return {"name": name, "result": "", "comment": "c", "changes": {}}
def number(name):
    return {"name": name, "result": True, "comment": 5, "changes": {}}
def nothing(name):
    return {"name": name, "result": True, "comment": None, "changes": {}}
def words(name, **kw):
    return {"name": name, "result": True, "comment": ",".join(sorted(kw)), "changes": {}}
def needs(name, a, b=2):
    return {"name": name, "result": True, "comment": f"{a} {b}", "changes": {}}

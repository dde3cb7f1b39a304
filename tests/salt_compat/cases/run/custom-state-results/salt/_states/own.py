def run(name):
    return {"name": name, "result": True, "comment": "run", "changes": {}}
def mod_run_check(name, *args, **kwargs):
    return True

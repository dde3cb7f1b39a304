def told(name, text):
    return {"name": name, "result": True, "changes": {}, "comment": text}

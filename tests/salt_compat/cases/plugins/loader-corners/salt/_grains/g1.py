def using():
    return {"has_grains": "os" in __grains__}

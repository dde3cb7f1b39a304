def ext_pillar(minion_id, pillar, **kwargs): return {"kw": kwargs, "num": 6, "g": __grains__["id"]}

def ext_pillar(minion_id, pillar, *args, **kwargs): return {"ext": [minion_id, list(args), kwargs, pillar.get("num")], "sub": {"b": 2}}

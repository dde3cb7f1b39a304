def ext_pillar(minion_id, pillar, *args): raise ValueError("boom")

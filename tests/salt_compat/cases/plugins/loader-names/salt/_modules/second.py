def seen(): return __context__.get("alias.x")

def ping(): return "deep"

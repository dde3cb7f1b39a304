L = []
def __init__(opts): raise RuntimeError("init failed")
def ping(): return "after init"

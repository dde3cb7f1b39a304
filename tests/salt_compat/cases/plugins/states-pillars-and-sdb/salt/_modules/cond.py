def yes(): return True
def no(): return False
def arg(x): return x == "q"
def d(): return {"result": False}

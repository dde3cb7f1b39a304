def __virtual__(): raise ValueError("in virtual")
def ping(): return 1

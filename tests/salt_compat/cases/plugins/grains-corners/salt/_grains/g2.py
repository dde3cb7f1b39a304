def __virtual__(): return False
def x(): return {"g2": 1}

__virtualname__ = "vtn"
def __virtual__(): return True
def ping(): return "vtn"

__virtualname__ = "cmd"
def __virtual__(): return __virtualname__
def extra(): return "extra in cmd"

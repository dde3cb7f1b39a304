__virtualname__ = "dup"
def __virtual__(): return __virtualname__
def two(): return 2
def both(): return "dup2"

__virtualname__ = "dup"
def __virtual__(): return __virtualname__
def one(): return 1
def both(): return "dup1"

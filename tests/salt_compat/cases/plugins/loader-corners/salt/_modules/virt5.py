__virtualname__ = "vfive"
def __virtual__():
    return "vsix"
def a():
    return 1

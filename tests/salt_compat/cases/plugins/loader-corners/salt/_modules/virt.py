def __virtual__():
    return "virtname", "x"
def a():
    return 1

def __virtual__(): return "test.ping" in __salt__
def ping(): return "has salt"

def __virtual__(): return __pillar__.get("num") == 5
def ping(): return "p5"

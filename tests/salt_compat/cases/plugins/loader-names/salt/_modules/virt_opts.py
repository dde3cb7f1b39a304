def __virtual__(): return "onx" if __opts__.get("my") == 1 else False
def ping(): return "onx"

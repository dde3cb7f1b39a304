def __virtual__():
    if __grains__["kernel"] != "Linux": return (False, "not linux")
    return True
def ping(): return "linux"

#!py
def port():
    return pillar["port"]


def run():
    return {"port": port()}

#!py
def run():
    pillar["data"]["by_python"] = 1
    return {"third": {"test.nop": [{"get": dict(__salt__["pillar.get"]("data"))}]}}

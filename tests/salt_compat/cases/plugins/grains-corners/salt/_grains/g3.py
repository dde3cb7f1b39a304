def __virtual__(): return "Linux" == __grains__.get("kernel", "Linux") if "__grains__" in globals() else "nog"
def x(): return {"g3": 1}

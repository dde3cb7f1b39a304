#!py
def nope(): pass

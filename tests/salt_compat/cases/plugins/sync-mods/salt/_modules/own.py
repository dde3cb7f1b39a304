def word():
    return "brought"

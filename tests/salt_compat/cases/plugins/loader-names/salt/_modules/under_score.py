def a_b(): return 1
def A(): return 2

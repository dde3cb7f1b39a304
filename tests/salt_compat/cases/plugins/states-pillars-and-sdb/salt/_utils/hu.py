def up(x): return x.upper()

def ping(): return "dash"

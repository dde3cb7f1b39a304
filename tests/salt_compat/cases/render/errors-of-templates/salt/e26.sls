{{ x is nope }}

exclude: b

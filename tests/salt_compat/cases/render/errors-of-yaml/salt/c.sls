a: *nope

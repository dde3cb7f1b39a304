num: 5
sub: {a: 1}

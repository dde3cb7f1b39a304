a: "x

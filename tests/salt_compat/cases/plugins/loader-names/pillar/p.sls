num: 5

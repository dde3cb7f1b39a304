d: null
l: null

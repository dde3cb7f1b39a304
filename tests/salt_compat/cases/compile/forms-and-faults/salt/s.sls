__internal: {test.nop: []}
'a b': {test.nop: []}
'a.b': {test.nop: []}

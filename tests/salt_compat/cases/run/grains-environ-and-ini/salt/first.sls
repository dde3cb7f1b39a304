g1: {grains.list_present: [{name: tl}, {value: [a, b]}]}
g2: {grains.list_present: [{name: 'deep:l'}, {value: x}]}
g3: {grains.list_present: [{name: ts}, {value: one}]}
g4: {grains.present: [{name: td}, {value: {a: 1, b: {c: [1]}}}]}

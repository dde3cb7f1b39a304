g1: {grains.list_present: [{name: tl}, {value: [b, c]}]}
g2: {grains.list_present: [{name: 'deep:l'}, {value: [x, y]}]}
g3: {grains.list_present: [{name: ts}, {value: one}]}
g4: {grains.present: [{name: td}, {value: {q: 1}}, {force: true}]}
g5: {grains.present: [{name: os}, {value: [1]}]}

g1: {grains.list_absent: [{name: tl}, {value: [c, d]}]}
g2: {grains.list_absent: [{name: 'deep:l'}, {value: [x, y]}]}
g3: {grains.list_absent: [{name: ts}, {value: two}]}
g4: {grains.list_absent: [{name: td}, {value: two}]}
g5: {grains.list_present: [{name: nl}, {value: [[1, 2], {a: b}, 5]}]}
g6: {grains.append: [{name: nosuch}, {value: z}]}
missing-argument: {grains.present: [{name: tg3}]}

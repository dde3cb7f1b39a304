one: {group.present: [{watch: [{group: two}]}]}
two: {group.present: [{watch: [{group: one}]}]}

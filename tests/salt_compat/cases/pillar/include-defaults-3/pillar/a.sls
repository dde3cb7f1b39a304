include: [c, {d: {key: k4, defaults: {v: 4}}}, {d: {key: k5, defaults: {v: 5}}}, c]

include: [{d: {key: k4, defaults: {v: 4}}}, d]

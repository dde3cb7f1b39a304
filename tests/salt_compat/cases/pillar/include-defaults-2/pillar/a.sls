include: [{d: {key: k0}}, {d: {key: k1, defaults: {v: 1}}}, {d: {key: k2, defaults: {v: 2}}}, c, {d: {key: k4, defaults: {v: 4}}}]

tier: gold
n: {m: [a, b]}
infra: {m1: {role: r}, 'x*': {role: q}}

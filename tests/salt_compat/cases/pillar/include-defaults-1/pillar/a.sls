include: [b, {c: {key: k}}, {e: {key: 'm:n:o'}}, {d: {defaults: {x: 1}}}]
m: {n: {q: 1}}
b: own

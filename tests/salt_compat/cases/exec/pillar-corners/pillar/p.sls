web: {port: 8080, opts: {a: 2, b: [1]}, name: w}
lst: [1, {k: v}, three]
empty: {}
none: null
false_: false
zero: 0
'co:lon': x
secret: pw
sites: {Debian: {d: 1}, default: {z: 1}}

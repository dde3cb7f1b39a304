base:
  '*':
    - a
  'os:Debian':
    - match: grain
    - b
  'G@os:Debian and m*':
    - match: compound
    - c
  'm2,m1': [{match: list}, d]
  'E@m.': [{match: compound}, e]
  'kernel:nope': [{match: grain}, f]
  '^m.$': [{match: pcre}, g]
  'x': [h]

a:
  - b
 - c

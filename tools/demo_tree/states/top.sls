base:
  'role:web':
    - match: grain
    - web
  'role:db':
    - match: grain
    - base

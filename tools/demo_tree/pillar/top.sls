base:
  '*':
    - place
  'role:web':
    - match: grain
    - web

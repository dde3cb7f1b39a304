base:
  '*': [web, late, empty, 'glob.*']
dev:
  '*': [x]

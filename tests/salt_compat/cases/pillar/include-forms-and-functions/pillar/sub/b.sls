b: {{ sls }}
include: [.d]

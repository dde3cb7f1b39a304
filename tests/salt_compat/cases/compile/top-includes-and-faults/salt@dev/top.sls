dev: {'*': [x]}
include: [other]

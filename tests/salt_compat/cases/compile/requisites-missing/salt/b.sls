include: [{dev: x}, {_xenv: nope}, nope]

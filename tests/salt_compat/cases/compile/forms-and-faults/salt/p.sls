include: b

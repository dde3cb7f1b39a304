c: dev

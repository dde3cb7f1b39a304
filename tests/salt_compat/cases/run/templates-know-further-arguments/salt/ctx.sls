o:
  file.managed:
    - name: @TMP@/ctx
    - source: salt://t.jinja
    - template: jinja
    - path: arg
    - data: arg
    - x: arg
    - context: {path: ctx, name: ctxname, mode: ctxmode, x: ctx}
    - defaults: {path: def, data: def, user: defuser}

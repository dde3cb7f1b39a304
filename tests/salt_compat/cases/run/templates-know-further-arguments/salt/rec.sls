o:
  file.recurse:
    - name: @TMP@/dir
    - source: salt://d
    - template: jinja
    - path: /p
    - data: [1, {a: b}]
    - file_mode: '0644'

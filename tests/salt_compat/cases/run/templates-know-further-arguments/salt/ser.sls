o:
  file.managed:
    - name: @TMP@/ser
    - contents: "{{ '{{' }} path|d('-') {{ '}}' }} {{ '{{' }} name|d('-') {{ '}}' }}"
    - template: jinja
    - path: /p

other:
  cmd.run:
    - name: echo other

{% set settings = {"banner": "one\n two\n", "all": {"script": "#!/bin/sh\n\texit 0\n"}} %}
x:
  file.managed:
    - name: /tmp/x
    - context: {{ settings }}
    - defaults:
        inner: {{ settings["all"] }}

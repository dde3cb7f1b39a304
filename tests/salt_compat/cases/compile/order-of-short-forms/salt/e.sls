x:
  pkgrepo.managed:
    - require_in:
      - pkg: x

  pkg:
    - installed

  service.running:
    - enable: True
    - require: [{pkg: x}]

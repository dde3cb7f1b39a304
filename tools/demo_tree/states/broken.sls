include:
  - web

extend:
  web-config:
    file:
      - context:
          web: {{ pillar['wbe'] }}

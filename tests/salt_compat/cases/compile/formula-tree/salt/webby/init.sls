{%- set tplroot = tpldir.split('/')[0] %}
include:
  - .package
  - .config
  - .service
extend:
  webby-service-running:
    service:
      - watch:
        - file: webby-config-file-managed

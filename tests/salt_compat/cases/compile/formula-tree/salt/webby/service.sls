{%- from tpldir ~ "/map.jinja" import webby with context %}
include: [webby.config]
webby-service-running:
  service.running:
    - name: {{ webby.service.name }}
    - enable: True
    - require: [{sls: webby.config}]

{%- from "webby/map.jinja" import webby with context %}
webby-package-installed:
  pkg.installed:
    - name: {{ webby.pkg.name }}

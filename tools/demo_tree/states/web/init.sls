include:
  - base

{% from 'web/map.jinja' import web with context %}
{% set root = pillar['demo_root'] ~ '/' ~ grains['id'] %}

web-config:
  file.managed:
    - name: {{ root }}/etc/web.conf
    - source: salt://web/files/web.conf.jinja
    - template: jinja
    - makedirs: True
    - context:
        web: {{ web | json }}
        root: {{ root }}
    - require:
      - file: {{ root }}
{% for name, site in web.sites | dictsort %}

site-{{ name }}:
  file.managed:
    - name: {{ root }}/www/{{ name }}/index.html
    - contents: <h1>{{ site.title }}</h1>
    - makedirs: True
{% endfor %}

web-reload:
  cmd.run:
    - name: echo reloaded >> {{ root }}/reloads
    - onchanges:
      - file: web-config

{%- set tplroot = tpldir.split('/')[0] %}
{%- set sls_package_installed = tplroot ~ '.package' %}
{%- from tplroot ~ "/map.jinja" import webby with context %}
{%- from tplroot ~ "/libtofs.jinja" import files_switch with context %}
include:
  - {{ sls_package_installed }}
webby-config-file-managed:
  file.managed:
    - name: {{ webby.dir }}/webby.conf
    - source: {{ files_switch(['webby.conf.jinja'], lookup='webby') }}
    - mode: '0644'
    - user: root
    - group: {{ webby.rootgroup }}
    - makedirs: True
    - template: jinja
    - require:
      - sls: {{ sls_package_installed }}
    - context:
        webby: {{ webby | json }}
{%- for name, site in salt['pillar.get']('webby:sites', {}) | dictsort %}
webby-site-{{ name }}:
  file.{{ 'managed' if site.get('enabled') else 'absent' }}:
    - name: {{ webby.dir }}/sites/{{ name }}
    - watch_in:
      - service: webby-service-running
      - test: webby-told
    - require:
      - file: webby-config-file-managed
{%- endfor %}
webby-told:
  test.nop: []

{% set root = pillar['demo_root'] ~ '/' ~ grains['id'] %}

{{ root }}:
  file.directory:
    - mode: '0755'
    - makedirs: True

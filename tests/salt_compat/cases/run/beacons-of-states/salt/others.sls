none-of-that-name:
  service.running:
    - beacon: True
stopped:
  service.dead:
    - name: none-of-that-name
    - beacon: True
    - beacon_data: {delay: 3, onchangeonly: False, interval: 7, other: 1}
enabled:
  service.enabled:
    - name: none-of-that-name
    - beacon: True
quiet:
  service.running:
    - name: none-of-that-name
    - beacon: False
bash:
  pkg.installed:
    - beacon: True
gone:
  pkg.removed:
    - name: none-of-that-name
    - beacon: True
    - beacon_data: {refresh: True, other: 1}
many:
  pkg.installed:
    - pkgs: [bash, dash]
    - beacon: True
last:
  pkg.group_installed:
    - name: bash
    - beacon: True
pkg-off:
  pkg.installed:
    - name: bash
    - beacon: False

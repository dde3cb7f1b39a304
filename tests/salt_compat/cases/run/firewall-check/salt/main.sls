127.0.0.1:
  firewall.check:
    - port: 1
named:
  firewall.check:
    - name: 127.0.0.1
    - port: 2
    - proto: tcp
noport:
  firewall.check:
    - name: 127.0.0.1

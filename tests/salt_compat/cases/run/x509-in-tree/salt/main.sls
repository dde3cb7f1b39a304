signing key:
  x509.private_key_managed:
    - name: @TMP@/ca.key
    - algo: ec
    - mode: '0600'

request:
  x509.csr_managed:
    - name: @TMP@/host.csr
    - private_key: @TMP@/ca.key
    - CN: host.example.org

own certificate:
  x509.certificate_managed:
    - name: @TMP@/ca.crt
    - signing_private_key: @TMP@/ca.key
    - CN: example.org
    - days_valid: 400
    - require:
      - x509: signing key

list:
  x509.crl_managed:
    - name: @TMP@/ca.crl
    - signing_private_key: @TMP@/ca.key
    - signing_cert: @TMP@/ca.crt
    - revoked: []

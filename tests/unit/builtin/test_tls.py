"""A certificate authority in a directory; openssl says whether what it makes is good."""

from __future__ import annotations

import subprocess

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, **{"ca.cert_base_path": str(tmp_path / "pki")})


def test_an_authority_signs_and_revokes(minion, tmp_path):
    pki = tmp_path / "pki"
    made = minion.call("tls.create_ca", "trial", CN="ca.x", days=3650)
    base = f"{pki}/trial/trial_ca_cert"
    assert made == f'Created Private Key: "{base}.key" Created CA "trial": "{base}.crt"'
    assert minion.call("tls.create_ca", "trial") == 'Certificate for CA named "trial" already exists'
    assert minion.call("tls.ca_exists", "trial") is True
    said = minion.call("tls.create_csr", "trial", CN="www.x", subjectAltName=["DNS:www.x", "DNS:x"])
    cert = f"{pki}/trial/certs/www.x"
    assert said == f'Created Private Key: "{cert}.key" Created CSR for "www.x": "{cert}.csr"'
    said = minion.call("tls.create_ca_signed_cert", "trial", CN="www.x", days=90)
    assert said == f'Created Certificate for "www.x": "{cert}.crt"'
    verify = ["openssl", "verify", "-purpose", "sslserver", "-CAfile", f"{base}.crt", f"{cert}.crt"]
    assert subprocess.run(verify, capture_output=True, text=True, check=True).stdout.endswith("OK\n")
    info = minion.call("tls.cert_info", f"{cert}.crt")
    assert info["subject"] == {"C": "US", "ST": "Utah", "L": "Salt Lake City", "O": "SaltStack", "CN": "www.x"}
    assert (info["issuer"]["CN"], info["subject_alt_names"]) == ("ca.x", ["DNS:www.x", "DNS:x"])
    assert info["not_after"] - info["not_before"] == 90 * 86400
    assert len(minion.call("tls.get_expiration_date", f"{cert}.crt")) == 10
    crl = f"{pki}/trial/crl.pem"
    assert minion.call("tls.create_empty_crl", "trial") == f'Created an empty CRL: "{crl}"'
    good = {"valid": True, "error": None}
    assert minion.call("tls.validate", f"{cert}.crt", "trial", crl) == good
    assert minion.call("tls.revoke_cert", "trial", "www.x").startswith(
        f"Revoked Certificate: {cert}.crt, serial number: "
    )
    assert minion.call("tls.validate", f"{cert}.crt", "trial", crl) == {"valid": False, "error": "certificate revoked"}
    assert "was already revoked" in minion.call("tls.revoke_cert", "trial", "www.x")
    bundle = minion.call("tls.create_pkcs12", "trial", "www.x", passphrase="secret")
    assert bundle == f'Created PKCS#12 Certificate for "www.x": "{cert}.p12"'
    read = ["openssl", "pkcs12", "-in", f"{cert}.p12", "-passin", "pass:secret", "-nokeys"]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stdout.count("BEGIN CERTIFICATE") == 2
    lines = (pki / "trial/index.txt").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["V", "V"]


def test_a_certificate_that_signs_itself(minion, tmp_path):
    base = f"{tmp_path}/pki/tls/certs/x"
    said = minion.call("tls.create_self_signed_cert", CN="x", days=5)
    assert said == f'Created Private Key: "{base}.key" Created Certificate: "{base}.crt"'
    assert minion.call("tls.create_self_signed_cert", CN="x") == f'Certificate "{base}.crt" already exists'
    assert minion.call("x509.verify_signature", f"{base}.crt") is True


def test_what_is_not_there(minion):
    said = minion.call("tls.create_csr", "nosuch", CN="x")
    assert said == 'Certificate for CA named "nosuch" does not exist, please create it first.'
    assert minion.call("tls.create_ca_signed_cert", "nosuch", CN="x") == 'There is no CA named "nosuch"'
    assert "cannot be the name of an authority" in minion.outcome("tls.create_ca", "../x").value
    assert minion.outcome("tls.get_ca", "nosuch").value.startswith("ERROR: Certificate does not exist: ")

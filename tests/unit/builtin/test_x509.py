"""X.509, checked with openssl: what is made is valid there, and what is read is what openssl made.

Shapes and comments are those of Salt 3008.2.
"""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

CA = "critical, CA:TRUE"


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path)


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> Path:
    """A directory with keys and an authority, made by openssl."""
    place = tmp_path_factory.mktemp("pki")
    openssl("genrsa", "-out", place / "ca.key", "2048")
    openssl(
        "req", "-x509", "-key", place / "ca.key", "-subj", "/O=trial/CN=ca", "-days", "1000", "-out", place / "ca.crt"
    )
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", place / "ec.key")
    return place


def openssl(*words) -> str:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "2048 bit"),
        ({"keysize": 3072}, "3072 bit"),
        ({"algo": "ec"}, "256 bit"),
        ({"algo": "ec", "keysize": 521}, "521 bit"),
        ({"algo": "ed25519"}, "ED25519"),
        ({"algo": "ed448"}, "ED448"),
    ],
)
def test_private_keys_are_made(minion, tmp_path, options, said):
    path = tmp_path / "x.key"
    assert minion.call("x509.create_private_key", path=str(path), **options) == f"PEM written to {path}"
    assert mode_of(path) == 0o600
    assert said in openssl("pkey", "-in", path, "-text", "-noout")
    secret = minion.call("x509.encode_private_key", str(path), passphrase="hunter22")
    assert secret.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    der = minion.call("x509.encode_private_key", secret, private_key_passphrase="hunter22", encoding="der")
    assert minion.call("x509.verify_private_key", der, str(path)) is True
    refused = minion.outcome("x509.get_public_key", secret, passphrase="wrong").value
    assert refused == "ERROR: Bad decrypt - is the password correct?"


def test_a_certificate_of_an_authority(minion, pki, tmp_path):
    csr, crt = tmp_path / "x.csr", tmp_path / "x.crt"
    minion.call(
        "x509.create_csr",
        str(pki / "ec.key"),
        subject="CN=www,O=trial",
        subjectAltName="DNS:www.x, IP:10.0.0.1",
        path=str(csr),
    )
    openssl("req", "-in", csr, "-verify", "-noout")
    assert "DNS:www.x, IP Address:10.0.0.1" in openssl("req", "-in", csr, "-text", "-noout")
    said = minion.call(
        "x509.create_certificate",
        signing_private_key=str(pki / "ca.key"),
        signing_cert=str(pki / "ca.crt"),
        csr=str(csr),
        subject="CN=www,O=trial",
        basicConstraints="critical, CA:FALSE",
        keyUsage="critical, digitalSignature, keyEncipherment",
        extendedKeyUsage="serverAuth, 1.2.3.4",
        authorityKeyIdentifier="keyid:always, issuer:always",
        subjectKeyIdentifier="hash",
        serial_number="12:34",
        days_valid=30,
        path=str(crt),
    )
    assert said == f"PEM written to {crt}"
    assert openssl("verify", "-CAfile", pki / "ca.crt", crt).endswith("OK\n")
    read = minion.call("x509.read_certificate", str(crt))
    assert list(read) == [
        "version", "key_size", "key_type", "serial_number", "fingerprints", "subject", "subject_hash", "subject_str",
        "issuer", "issuer_hash", "issuer_str", "not_before", "not_after", "public_key", "extensions",
        "signature_algorithm",
    ]  # fmt: skip
    assert (read["version"], read["key_size"], read["key_type"]) == (3, 256, "ec")
    assert (read["serial_number"], read["subject_str"]) == ("12:34", "CN=www,O=trial")
    assert (read["subject"], read["issuer"]) == ({"O": "trial", "CN": "www"}, {"O": "trial", "CN": "ca"})
    assert read["signature_algorithm"] == "sha256WithRSAEncryption"
    fingerprint = openssl("x509", "-in", crt, "-noout", "-fingerprint", "-sha256").partition("=")[2].strip()
    assert read["fingerprints"]["sha256"] == fingerprint
    extensions = read["extensions"]
    assert extensions["basicConstraints"] == {"critical": True, "ca": False, "pathlen": None}
    assert extensions["keyUsage"] == {
        "critical": True,
        "cRLSign": False,
        "dataEncipherment": False,
        "decipherOnly": False,
        "digitalSignature": True,
        "encipherOnly": False,
        "keyAgreement": False,
        "keyCertSign": False,
        "keyEncipherment": True,
        "nonRepudiation": False,
    }
    assert extensions["extendedKeyUsage"] == {"critical": False, "value": ["serverAuth", "1.2.3.4"]}
    assert extensions["subjectAltName"] == {"critical": False, "value": ["DNS:www.x", "IP:10.0.0.1"]}
    assert extensions["authorityKeyIdentifier"]["issuer"] == ["dirName:CN=ca,O=trial"]
    assert minion.call("x509.verify_signature", str(crt), signing_pub_key=str(pki / "ca.crt")) is True
    assert minion.call("x509.verify_signature", str(crt)) is False
    assert minion.call("x509.expired", str(crt)) == {"path": str(crt), "cn": "www", "expired": False}
    assert minion.call("x509.will_expire", str(crt), 40)["will_expire"] is True


def test_many_extensions(minion, pki, tmp_path):
    crt = tmp_path / "x.crt"
    minion.call(
        "x509.create_certificate",
        signing_private_key=str(pki / "ec.key"),
        CN="a",
        nameConstraints=[
            "critical",
            "permitted;IP:192.168.0.0/255.255.0.0",
            "permitted;email:.example.com",
            "excluded;email:.com",
        ],
        certificatePolicies="1.2.4.5, 1.1.3.4",
        crlDistributionPoints="URI:http://example.com/myca.crl",
        authorityInfoAccess="OCSP;URI:http://ocsp.my.host/,caIssuers;URI:http://my.ca/ca.html",
        policyConstraints="requireExplicitPolicy:3,inhibitPolicyMapping:1",
        inhibitAnyPolicy=2,
        noCheck=True,
        tlsfeature="status_request",
        path=str(crt),
    )
    assert minion.call("x509.read_certificate", str(crt))["extensions"] == {
        "authorityInfoAccess": {
            "critical": False,
            "value": [{"OCSP": "http://ocsp.my.host/"}, {"caIssuers": "http://my.ca/ca.html"}],
        },
        "crlDistributionPoints": {
            "critical": False,
            "value": [
                {"crlissuer": [], "fullname": ["URI:http://example.com/myca.crl"], "reasons": [], "relativename": None}
            ],
        },
        "certificatePolicies": {"critical": False, "value": [{"1.2.4.5": []}, {"1.1.3.4": []}]},
        "policyConstraints": {"critical": False, "inhibitPolicyMapping": 1, "requireExplicitPolicy": 3},
        "inhibitAnyPolicy": {"critical": False, "value": 2},
        "nameConstraints": {
            "critical": True,
            "excluded": ["mail:.com"],
            "permitted": ["IP:192.168.0.0/16", "mail:.example.com"],
        },
        "noCheck": {"critical": False, "value": True},
        "tlsfeature": {"critical": False, "value": ["status_request"]},
    }
    openssl("x509", "-in", crt, "-text", "-noout")


def test_a_revocation_list(minion, pki, tmp_path):
    crl = tmp_path / "x.crl"
    minion.call(
        "x509.create_crl",
        signing_private_key=str(pki / "ca.key"),
        signing_cert=str(pki / "ca.crt"),
        revoked=[
            {"serial_number": "12:34", "revocation_date": "2024-01-01 00:00:00"},
            {"serial_number": 255, "extensions": {"CRLReason": "keyCompromise"}},
            {"serial_number": 1, "not_after": "2020-01-01 00:00:00"},
        ],
        extensions={"cRLNumber": 5},
        path=str(crl),
    )
    read = minion.call("x509.read_crl", str(crl))
    assert sorted(read["revoked_certificates"]) == ["1234", "FF"]
    wrong = [{"serial_number": 1, "extensions": {"CRLReason": "boredom"}}]
    said = minion.outcome("x509.create_crl", str(pki / "ca.key"), wrong, str(pki / "ca.crt")).value
    assert said.startswith("ERROR executing 'x509.create_crl': Invalid configuration for CRLReason: ")
    assert read["revoked_certificates"]["1234"] == {"revocation_date": "2024-01-01 00:00:00", "extensions": {}}
    assert read["extensions"] == {"cRLNumber": {"critical": False, "value": 5}}
    assert minion.call("x509.verify_crl", str(crl), str(pki / "ca.crt")) is True
    assert (
        "verify OK"
        in subprocess.run(
            ["openssl", "crl", "-in", crl, "-CAfile", pki / "ca.crt", "-noout"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    )


@pytest.mark.parametrize("encoding", ["pkcs7_pem", "pkcs7_der", "pkcs12", "der"])
def test_other_encodings(minion, pki, encoding):
    more = {"append_certs": str(pki / "ca.crt")} if encoding != "der" else {}
    text = minion.call("x509.encode_certificate", str(pki / "ca.crt"), encoding=encoding, **more)
    data = text if encoding.endswith("pem") else base64.b64decode(text)
    assert isinstance(data, str) == encoding.endswith("pem")
    assert minion.call("x509.read_certificate", text)["subject"] == {"O": "trial", "CN": "ca"}


@pytest.mark.parametrize(
    ("fun", "arguments", "said"),
    [
        ("create_private_key", {"algo": "foo"}, "Invalid algorithm specified for generating private key: foo."),
        ("create_private_key", {"encoding": "foo"}, "Invalid value 'foo' for encoding. Valid: der, pem, pkcs12"),
        ("create_certificate", {"CN": "x"}, "Creating a certificate locally at least requires a signing private key."),
        (
            "read_certificate",
            {"certificate": "garbage"},
            "Could not load provided source. You need to pass an existing",
        ),
        ("read_csr", {"csr": "@/ca.key"}, "Could not load PEM-encoded certificate signing request."),
        ("create_csr", {"private_key": "@/ec.key", "extendedKeyUsage": "foo"}, "Invalid oid: foo"),
        ("create_csr", {"private_key": "@/ec.key", "subjectAltName": "foo"}, "GeneralName type foo is invalid"),
        ("create_csr", {"private_key": "@/ec.key", "nsComment": "x"}, "nsComment is currently not implemented."),
        ("create_csr", {"private_key": "@/ec.key", "subject": "C=DE,FOO=x"}, "Failed parsing rfc4514 dirName string"),
        (
            "create_certificate",
            {"signing_private_key": "@/ca.key", "signing_cert": "@/ca.crt"},
            "This certificate is not self-signed (signing_cert is set) and thus needs public_key",
        ),
        (
            "create_certificate",
            {"signing_private_key": "@/ec.key", "signing_cert": "@/ca.crt", "private_key": "@/ec.key"},
            "Signing private key does not match the certificate's public key",
        ),
    ],
)
def test_what_cannot_be_made(minion, pki, fun, arguments, said):
    given = {key: value.replace("@", str(pki)) for key, value in arguments.items()}
    done = minion.outcome(f"x509.{fun}", **given)
    assert done.faults
    assert said in str(done.value)


def test_a_key_is_a_state(minion, tmp_path):
    path = tmp_path / "made" / "x.key"
    refused = minion.state("x509.private_key_managed", str(path))
    assert refused["comment"] == "Could not create file, see file.managed output"
    wanted = {"algo": "ec", "makedirs": True}
    foreseen = minion.state("x509.private_key_managed", str(path), test=True, **wanted)
    assert foreseen["comment"] == "The private key would have been created"
    assert not path.exists()
    done = minion.state("x509.private_key_managed", str(path), **wanted)
    assert (done["result"], done["comment"]) == (True, "The private key has been created")
    assert foreseen["changes"] == done["changes"] == {"created": str(path)}
    assert mode_of(path) == 0o400
    again = minion.state("x509.private_key_managed", str(path), **wanted)
    assert (again["changes"], again["comment"]) == ({}, "The private key is in the correct state")
    done = minion.state("x509.private_key_managed", str(path), algo="ec", passphrase="hunter22")
    assert done["changes"] == {"passphrase": True}
    refused = minion.state("x509.private_key_managed", str(path), algo="ec", passphrase="wrong")
    assert refused["comment"] == (
        "The provided passphrase cannot decrypt the private key. Pass overwrite: true to force regeneration"
    )
    done = minion.state("x509.private_key_managed", str(path), algo="ed25519", passphrase="wrong", overwrite=True)
    assert done["changes"] == {"passphrase": True, "created": str(path)}
    before = path.read_bytes()
    done = minion.state("x509.private_key_managed", str(path), algo="ed25519", passphrase="wrong", new=True)
    assert done["changes"] == {"replaced": str(path)}
    assert path.read_bytes() != before


def test_a_certificate_is_a_state(minion, pki, tmp_path):
    path = tmp_path / "x.crt"
    wanted = {"signing_private_key": str(pki / "ec.key"), "CN": "x", "basicConstraints": CA, "days_valid": 100}
    foreseen = minion.state("x509.certificate_managed", str(path), test=True, **wanted)
    done = minion.state("x509.certificate_managed", str(path), **wanted)
    assert foreseen["changes"] == done["changes"] == {"created": str(path)}
    assert (foreseen["result"], done["result"]) == (None, True)
    again = minion.state("x509.certificate_managed", str(path), **wanted)
    assert (again["changes"], again["comment"]) == ({}, "The certificate is in the correct state")
    changed = {**wanted, "CN": "y", "keyUsage": "keyCertSign", "digest": "sha512"}
    foreseen = minion.state("x509.certificate_managed", str(path), test=True, **changed)
    done = minion.state("x509.certificate_managed", str(path), **changed)
    assert (
        foreseen["changes"]
        == done["changes"]
        == {
            "subject_name": "CN=y",
            "digest": "sha512",
            "extensions": {"added": ["keyUsage"], "changed": [], "removed": []},
            "issuer_name": "CN=y",
        }
    )
    assert done["comment"] == "The certificate has been recreated"
    soon = minion.state("x509.certificate_managed", str(path), days_remaining=101, **changed)
    assert soon["changes"] == {"expiration": True}
    done = minion.state("x509.certificate_managed", str(path), append_certs=str(pki / "ca.crt"), **changed)
    assert done["changes"] == {"additional_certs": True}
    again = minion.state("x509.certificate_managed", str(path), append_certs=str(pki / "ca.crt"), **changed)
    assert again["changes"] == {}


def test_requests_lists_and_blocks_are_states(minion, pki, tmp_path):
    csr = tmp_path / "x.csr"
    wanted = {"private_key": str(pki / "ec.key"), "CN": "x"}
    assert minion.state("x509.csr_managed", str(csr), **wanted)["changes"] == {"created": str(csr)}
    assert minion.state("x509.csr_managed", str(csr), **wanted)["changes"] == {}
    done = minion.state("x509.csr_managed", str(csr), private_key=str(pki / "ca.key"), CN="y")
    assert done["changes"] == {"private_key": True, "subject_name": "CN=y"}
    crl = tmp_path / "x.crl"
    wanted = {"signing_private_key": str(pki / "ca.key"), "signing_cert": str(pki / "ca.crt")}
    counted = {**wanted, "extensions": {"cRLNumber": "auto"}}
    assert minion.state("x509.crl_managed", str(crl), revoked=[], **counted)["changes"] == {"created": str(crl)}
    assert minion.state("x509.crl_managed", str(crl), revoked=[], **counted)["changes"] == {}
    done = minion.state("x509.crl_managed", str(crl), revoked=[{"serial_number": "12:34"}], **counted)
    assert done["changes"] == {"revocations": {"added": ["12:34"], "changed": [], "removed": []}}
    assert minion.call("x509.read_crl", str(crl))["extensions"]["cRLNumber"]["value"] == 2
    pem = tmp_path / "x.pem"
    done = minion.state("x509.pem_managed", str(pem), text=str(pki / "ca.crt"))
    assert (done["changes"], done["comment"]) == ({"diff": "New file"}, f"File {pem} updated")
    assert minion.state("x509.pem_managed", str(pem), text=str(pki / "ca.crt"))["changes"] == {}


def test_a_signing_policy_stands_above_what_is_asked_for(tmp_path, pki):
    policy = {
        "minions": "www*",
        "signing_private_key": str(pki / "ca.key"),
        "signing_cert": str(pki / "ca.crt"),
        "O": "trial",
        "days_valid": 5,
    }
    minion = Shipped(tmp_path, x509_signing_policies={"www": policy})
    public = minion.call("x509.get_public_key", str(pki / "ec.key"))
    asked = {"public_key": public, "CN": "www1", "O": "evil", "days_valid": 5000}
    signed = minion.call("x509.sign_remote_certificate", "www", asked, __pub_id="www1")
    assert signed["errors"] == []
    read = minion.call("x509.read_certificate", signed["data"])
    assert (read["subject"], read["issuer"]["CN"]) == ({"O": "trial", "CN": "www1"}, "ca")
    assert minion.call("x509.expires", signed["data"], 6) is True
    refused = minion.call("x509.sign_remote_certificate", "www", asked, __pub_id="db1")
    assert refused == {"data": None, "errors": ["minion not permitted to use specified signing policy: db1"]}

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from saltern.errors import ConfigError, ProtocolError
from saltern.pki.authority import Authority
from saltern.pki.keypair import make_key, public_pem
from saltern.pki.names import minion_uri
from saltern.pki.peer import master_from_certificate, peer_from_certificate
from saltern.pki.pem import CERTIFICATE, der_of
from saltern.pki.signing_request import make_request, request_key

NOW = 1_800_000_000.0
DAY = 86_400.0
YEAR = 365 * DAY


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.open(tmp_path_factory.mktemp("pki"), "m1", now=lambda: NOW)


def request_with_subject(name: str, key=None) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key or make_key(), algorithm).public_bytes(Encoding.PEM).decode()


def read(directory: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / name).read_bytes())


@pytest.mark.behaviour("KEY-01")
def test_the_first_start_makes_an_authority_that_only_its_owner_can_read(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "pki"
    Authority.open(directory)
    assert sorted(path.name for path in directory.iterdir()) == ["ca.crt", "ca.key", "master.crt", "master.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_second_start_finds_the_same_authority_and_certificate(tmp_path: Path) -> None:
    first = Authority.open(tmp_path, "m1", now=lambda: NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    second = Authority.open(tmp_path, "m1", now=lambda: NOW + DAY)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert second.fingerprint == first.fingerprint


def test_starts_at_the_same_time_agree_on_one_authority(tmp_path: Path) -> None:
    found: list[str] = []
    start = threading.Barrier(8)

    def open_authority() -> None:
        start.wait()
        found.append(Authority.open(tmp_path).fingerprint)

    threads = [threading.Thread(target=open_authority) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {Authority.open(tmp_path).fingerprint}


def test_the_authority_lasts_twenty_years_and_signs_no_further_authorities(tmp_path: Path) -> None:
    Authority.open(tmp_path, now=lambda: NOW)
    certificate = read(tmp_path, "ca.crt")
    assert certificate.not_valid_after_utc.timestamp() == NOW + 20 * YEAR
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_the_server_certificate_names_the_master_and_is_for_servers_only(tmp_path: Path) -> None:
    Authority.open(tmp_path, "salt master/1", now=lambda: NOW)
    certificate = read(tmp_path, "master.crt")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names.get_values_for_type(x509.DNSName) == ["saltern-master"]
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert master_from_certificate(certificate.public_bytes(Encoding.DER)).id == "salt master/1"


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (240, False), (250, True), (400, True)])
def test_the_server_certificate_is_renewed_after_two_thirds_of_its_life(
    tmp_path: Path, days: int, renewed: bool
) -> None:
    Authority.open(tmp_path, now=lambda: NOW)
    before = read(tmp_path, "master.crt")
    Authority.open(tmp_path, now=lambda: NOW + days * DAY)
    assert (read(tmp_path, "master.crt") != before) is renewed


def test_a_running_master_renews_its_certificate_when_it_is_time(tmp_path: Path) -> None:
    now = NOW
    authority = Authority.open(tmp_path, now=lambda: now)
    assert not authority.renew_server_certificate()
    now += 300 * DAY
    assert authority.renew_server_certificate()
    assert read(tmp_path, "master.crt").not_valid_after_utc.timestamp() == now + YEAR


@pytest.mark.parametrize("change", ["another id", "another key", "damaged", "gone"])
def test_a_server_certificate_that_does_not_fit_is_made_anew(tmp_path: Path, change: str) -> None:
    Authority.open(tmp_path, "m1", now=lambda: NOW)
    before = (tmp_path / "master.crt").read_bytes()
    match change:
        case "another key":
            (tmp_path / "master.key").unlink()
        case "damaged":
            (tmp_path / "master.crt").write_text("rubbish")
        case "gone":
            (tmp_path / "master.crt").unlink()
    Authority.open(tmp_path, "m2" if change == "another id" else "m1", now=lambda: NOW)
    assert (tmp_path / "master.crt").read_bytes() != before
    assert read(tmp_path, "master.crt").public_key() is not None


def test_the_masters_of_one_fleet_share_the_authority_only(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    Authority.open(one, "m1")
    other.mkdir()
    for name in ("ca.key", "ca.crt"):
        (other / name).write_bytes((one / name).read_bytes())
    assert Authority.open(other, "m2").fingerprint == Authority.open(one, "m1").fingerprint
    assert (other / "master.key").read_bytes() != (one / "master.key").read_bytes()


def test_a_lost_authority_key_is_named_and_never_replaced(tmp_path: Path) -> None:
    Authority.open(tmp_path)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(ConfigError, match=r"ca\.key is missing"):
        Authority.open(tmp_path)
    assert not (tmp_path / "ca.key").exists()


@pytest.mark.parametrize("name", ["ca.key", "ca.crt", "master.key"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    Authority.open(tmp_path)
    (tmp_path / name).write_text("rubbish")
    with pytest.raises(ConfigError, match=name.replace(".", r"\.")):
        Authority.open(tmp_path)


def test_a_key_and_certificate_of_two_authorities_are_refused(tmp_path: Path) -> None:
    Authority.open(tmp_path / "one")
    Authority.open(tmp_path / "other")
    (tmp_path / "one" / "ca.key").write_bytes((tmp_path / "other" / "ca.key").read_bytes())
    with pytest.raises(ConfigError, match="do not belong together"):
        Authority.open(tmp_path / "one")


def test_a_key_that_others_could_read_is_hidden_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Authority.open(tmp_path)
    (tmp_path / "ca.key").chmod(0o644)
    Authority.open(tmp_path)
    assert stat.S_IMODE((tmp_path / "ca.key").stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text


def test_a_minion_certificate_is_for_clients_only_and_its_id_is_the_masters_decision(authority: Authority) -> None:
    certificate = x509.load_pem_x509_certificate(authority.issue("web1", request_with_subject("db1"), 90).encode())
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert list(names) == [x509.UniformResourceIdentifier("saltern:minion:web1")]
    assert certificate.subject.rfc4514_string() == "CN=web1"
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_before_utc.timestamp() == NOW - DAY
    assert certificate.not_valid_after_utc.timestamp() == NOW + 90 * DAY


def test_no_certificate_outlives_the_authority(authority: Authority) -> None:
    certificate = der_of(authority.issue("web1", make_request(make_key()), 100 * 365), CERTIFICATE)
    assert peer_from_certificate(certificate).expires == NOW + 20 * YEAR


def test_every_certificate_has_a_serial_number_of_its_own(authority: Authority) -> None:
    request = make_request(make_key())
    serials = {x509.load_pem_x509_certificate(authority.issue("a", request, 1).encode()).serial_number for _ in "abc"}
    assert len(serials) == 3


@given(minion=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=253))
def test_any_id_travels_through_a_certificate_unchanged(authority: Authority, minion: str) -> None:
    key = make_key()
    certificate = der_of(authority.issue(minion, make_request(key), 30), CERTIFICATE)
    peer = peer_from_certificate(certificate)
    assert (peer.id, peer.expires) == (minion, NOW + 30 * DAY)
    assert minion_uri(minion).isascii()


def tampered() -> str:
    der = bytearray(x509.load_pem_x509_csr(make_request(make_key()).encode()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


HOSTILE = {
    "empty": "",
    "no PEM": "let me in",
    "empty PEM": "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n",
    "rubbish in PEM": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    "a public key": public_pem(make_key().public_key()),
    "a giant": make_request(make_key()) + "\n" * 10_000,
    "an RSA key": request_with_subject("x", rsa.generate_private_key(65537, 2048)),
    "another curve": request_with_subject("x", ec.generate_private_key(ec.SECP384R1())),
    "another kind of curve": request_with_subject("x", ed25519.Ed25519PrivateKey.generate()),
    "a wrong signature": tampered(),
}


@pytest.mark.parametrize("request_pem", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_request_that_is_not_in_order_is_refused(authority: Authority, request_pem: str) -> None:
    with pytest.raises(ProtocolError):
        authority.issue("web1", request_pem, 1)


@given(at=st.integers(0, 10_000), byte=st.integers(0, 127))
def test_a_request_with_any_byte_changed_is_refused_or_still_for_the_same_key(at: int, byte: int) -> None:
    pem = bytearray(_REQUEST.encode())
    pem[at % len(pem)] = byte
    try:
        key = request_key(pem.decode())
    except ProtocolError:
        return
    assert key == request_key(_REQUEST)


_REQUEST = make_request(make_key())

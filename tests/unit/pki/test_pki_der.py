from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from saltern.errors import IdentityRefused
from saltern.pki.authority import Authority
from saltern.pki.certificates import Signer, authority_certificate, load_certificate
from saltern.pki.der import read_certificate
from saltern.pki.keypair import make_key
from saltern.pki.peer import CertifiedPeer, master_from_certificate, peer_from_certificate
from saltern.pki.pem import CERTIFICATE, der_of
from saltern.pki.signing_request import make_request

KEY = make_key()


def certificate_der(minion: str = "web1", days: float = 30, now: float = 1_800_000_000.0) -> bytes:
    signer = Signer(KEY, authority_certificate(KEY, now))
    return signer.sign_minion(KEY.public_key(), minion, days, now).public_bytes(Encoding.DER)


DER = certificate_der()


@given(
    minion=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    now=st.integers(-600_000_000, 4_000_000_000),
    days=st.integers(1, 7000),
)
def test_it_reads_what_the_cryptography_library_reads(minion: str, now: int, days: int) -> None:
    der = certificate_der(minion, days, now)
    fields = read_certificate(der)
    other = x509.load_der_x509_certificate(der)
    names = other.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert fields.public_key == other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert fields.not_before == other.not_valid_before_utc.timestamp()
    assert fields.not_after == other.not_valid_after_utc.timestamp()
    assert list(fields.uris) == names.get_values_for_type(x509.UniformResourceIdentifier)
    assert fields.renew_at == pytest.approx(fields.not_before + (fields.not_after - fields.not_before) * 2 / 3)


def test_a_certificate_without_names_has_none(tmp_path) -> None:
    authority = Authority.open(tmp_path)
    assert read_certificate(der_of(authority.certificate, CERTIFICATE)).uris == ()


@given(st.binary(max_size=600))
def test_rubbish_is_refused_as_such(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_certificate(data)


@given(end=st.integers(0, len(DER) - 1))
def test_a_certificate_that_is_cut_short_is_refused(end: int) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_certificate(DER[:end])


@given(at=st.integers(0, len(DER) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_gives_a_peer_or_a_refusal_and_nothing_else(at: int, byte: int) -> None:
    changed = bytearray(DER)
    changed[at] = byte
    try:
        peer = peer_from_certificate(bytes(changed))
    except IdentityRefused:
        return
    assert peer.id


def test_the_certificates_of_minions_and_masters_are_not_mistaken_for_each_other(tmp_path) -> None:
    authority = Authority.open(tmp_path, "m1")
    of_master = der_of((tmp_path / "master.crt").read_text(), CERTIFICATE)
    of_minion = der_of(authority.issue("web1", make_request(make_key()), 1), CERTIFICATE)
    assert master_from_certificate(of_master).id == "m1"
    assert peer_from_certificate(of_minion).id == "web1"
    for read, der in ((peer_from_certificate, of_master), (master_from_certificate, of_minion)):
        with pytest.raises(IdentityRefused, match="not that of a"):
            read(der)


def test_a_peer_unpacks_as_id_fingerprint_and_end() -> None:
    minion, digits, expires = peer = peer_from_certificate(DER)
    assert isinstance(peer, CertifiedPeer)
    assert (minion, len(digits)) == ("web1", 64)
    assert expires == load_certificate(x509.load_der_x509_certificate(DER).public_bytes(Encoding.PEM).decode()
                                       ).not_valid_after_utc.timestamp()  # fmt: skip

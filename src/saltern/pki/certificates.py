"""The three kinds of certificate: the authority's, a master's and a minion's.

The extended key usage keeps them apart: TLS refuses a minion's certificate on a server and a master's on a client.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from saltern.pki.keypair import public_der
from saltern.pki.names import SERVER_NAME, master_uri, minion_uri

AUTHORITY_DAYS = 20 * 365
SERVER_DAYS = 365

AUTHORITY_KEY = x509.ObjectIdentifier("2.25.219125277475892956977972766426315147341")
"""Extension of a master's certificate: the DER form of its authority's public key. A minion that was told the
authority's fingerprint can so refuse a stranger before it says anything, its join token above all."""

_CLOCKS_DIFFER = timedelta(days=1)
_LONGEST_COMMON_NAME = 64


class Signer:
    """An authority's key with its certificate."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    def sign_server(self, key: ec.EllipticCurvePublicKey, master: str, now: float) -> x509.Certificate:
        uri = x509.UniformResourceIdentifier(master_uri(master))
        names = x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME), uri])
        authority_key = x509.UnrecognizedExtension(AUTHORITY_KEY, public_der(self._key.public_key()))
        builder = (
            self._leaf(key, SERVER_NAME, SERVER_DAYS, now)
            .add_extension(names, critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True)
            .add_extension(authority_key, critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())

    def sign_minion(self, key: ec.EllipticCurvePublicKey, minion: str, days: float, now: float) -> x509.Certificate:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(minion_uri(minion))])
        builder = (
            self._leaf(key, minion, days, now)
            .add_extension(names, critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
        )
        return builder.sign(self._key, hashes.SHA256())

    def _leaf(
        self, key: ec.EllipticCurvePublicKey, common_name: str, days: float, now: float
    ) -> x509.CertificateBuilder:
        authority = self._certificate
        end = min(_moment(now) + timedelta(days=days), authority.not_valid_after_utc)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            _builder(_name(common_name), authority.subject, key, end, now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(identifier, critical=False)
        )


def authority_certificate(key: ec.EllipticCurvePrivateKey, now: float) -> x509.Certificate:
    """Signed by itself. Its name is always the same, so that a certificate made anew for a kept key fits as before."""
    name = _name("saltern authority")
    end = _moment(now) + timedelta(days=AUTHORITY_DAYS)
    builder = (
        _builder(name, name, key.public_key(), end, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def load_certificate(pem: str) -> x509.Certificate:
    """`ValueError` when it holds none."""
    return x509.load_pem_x509_certificate(pem.encode())


def is_signed_by(certificate: str, authority: str) -> bool:
    """Whether the authority's key signed a certificate (both PEM); `ValueError` when one of them is none."""
    signed, signer = load_certificate(certificate), load_certificate(authority)
    try:
        signed.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, end: datetime, now: float
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_moment(now) - _CLOCKS_DIFFER)
        .not_valid_after(end)
    )


def _name(common_name: str) -> x509.Name:
    # X.520 bounds a common name; the id in full is in the subjectAltName, which alone is ever read.
    encoded = common_name.encode()
    if len(encoded) > _LONGEST_COMMON_NAME:
        common_name = encoded[: _LONGEST_COMMON_NAME - 3].decode(errors="ignore") + "..."
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC).replace(microsecond=0)

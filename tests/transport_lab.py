"""What the tests of transports share: certificates made on the spot, and a handler that writes down what happens."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from saltern.transport import frames
from saltern.transport.contract import Link

PATIENCE = 15.0
"""Seconds after which a test that waits has failed."""
_DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority, and TLS contexts of what it signs."""

    def __init__(self, directory: Path, name: str = "ca") -> None:
        self.directory = directory / name
        self.directory.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        usage = x509.BasicConstraints(ca=True, path_length=0)
        self._certificate = (
            _builder(self._name, self._name, self._key.public_key(), -1, 10)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.path = self.directory / "ca.pem"
        self.path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server_context(self, **leaf: object) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(self.path)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_cert_chain(self._leaf("saltern-master", ExtendedKeyUsageOID.SERVER_AUTH, **leaf))
        return context

    def client_context(self, minion: str = "", *, signed_by: Authority | None = None, **leaf: object) -> ssl.SSLContext:
        """Trusts this authority; with an id, shows a certificate of this authority or of `signed_by`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.path)
        if minion:
            context.load_cert_chain((signed_by or self)._leaf(minion, ExtendedKeyUsageOID.CLIENT_AUTH, **leaf))
        return context

    def _leaf(self, name: str, usage: x509.ObjectIdentifier, *, start: int = -1, end: int = 5, host: str = "") -> Path:
        path = self.directory / f"{name}-{usage.dotted_string}-{end}.pem"
        if path.exists():
            return path
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(name), self._name, key.public_key(), start, end)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host or "saltern-master")]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return path


def identify(der: bytes) -> tuple[str, str, float]:
    """Id (the common name), fingerprint of the public key, and the end of a certificate."""
    certificate = x509.load_der_x509_certificate(der)
    public = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(name), hashlib.sha256(public).hexdigest(), certificate.not_valid_after_utc.timestamp()


class Recorder:
    """A `transport.contract.Handler` that keeps what it got, and can be waited for."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self.frames: list[frames.AnyFrame] = []
        self.ends: list[Exception | None] = []
        self._changed = asyncio.Event()

    def opened(self, link: Link) -> None:
        self.link = link
        self._changed.set()

    def received(self, frame: frames.AnyFrame) -> None:
        self.frames.append(frame)
        self._changed.set()

    def closed(self, error: Exception | None) -> None:
        self.ends.append(error)
        self._changed.set()

    async def got(self, count: int) -> list[frames.AnyFrame]:
        await self._until(lambda: len(self.frames) >= count)
        return self.frames

    async def ended(self) -> Exception | None:
        await self._until(lambda: bool(self.ends))
        assert len(self.ends) == 1
        return self.ends[0]

    async def is_open(self) -> Link:
        await self._until(lambda: self.link is not None)
        assert self.link is not None
        return self.link

    async def _until(self, condition) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: int, end: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start * _DAY)
        .not_valid_after(now + end * _DAY)
    )

"""Keys, certificates, requests and lists in the encodings that files have."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs7, pkcs12

from saltern.plugin_api.errors import CommandExecutionError

OF_KEYS = ("der", "pem", "pkcs12")
OF_CERTIFICATES = ("der", "pem", "pkcs7_der", "pkcs7_pem", "pkcs12")
OF_OTHERS = ("der", "pem")
_TEXT = ("pem", "pkcs7_pem")


def check(encoding: str, valid: Sequence[str]) -> None:
    if encoding not in valid:
        raise CommandExecutionError(f"Invalid value '{encoding}' for encoding. Valid: {', '.join(valid)}")


def is_text(encoding: str) -> bool:
    return encoding in _TEXT


def shown(data: bytes, encoding: str, *, raw: bool) -> Any:
    """What a function returns: a text, binary encodings in base64, or with `raw` the bytes themselves."""
    if raw:
        return data
    return data.decode() if is_text(encoding) else base64.b64encode(data).decode()


def private_key(key: Any, encoding: str, passphrase: str | None = None, *, compat: bool = False) -> bytes:
    """A private key; `compat` asks for PKCS#12 that old programs can read."""
    check(encoding, OF_KEYS)
    encryption = _encryption(passphrase, compat=compat and encoding == "pkcs12")
    if encoding == "pkcs12":
        return pkcs12.serialize_key_and_certificates(None, key, None, None, encryption)
    form = serialization.Encoding.PEM if encoding == "pem" else serialization.Encoding.DER
    return bytes(key.private_bytes(form, PrivateFormat.PKCS8, encryption))


def certificate(
    cert: x509.Certificate,
    encoding: str,
    others: Sequence[x509.Certificate] = (),
    key: Any = None,
    passphrase: str | None = None,
    friendly_name: str | None = None,
    *,
    compat: bool = False,
) -> bytes:
    """A certificate with further ones behind it; PKCS#12 holds its private key too."""
    check(encoding, OF_CERTIFICATES)
    if encoding == "pkcs12":
        name = friendly_name.encode() if friendly_name else None
        return pkcs12.serialize_key_and_certificates(
            name, key, cert, list(others) or None, _encryption(passphrase, compat=compat)
        )
    if encoding.startswith("pkcs7"):
        form = serialization.Encoding.PEM if encoding == "pkcs7_pem" else serialization.Encoding.DER
        return pkcs7.serialize_certificates([cert, *others], form)
    if encoding == "der":
        if others:
            raise CommandExecutionError("Cannot encode a certificate chain in DER")
        return cert.public_bytes(serialization.Encoding.DER)
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (cert, *others))


def other(value: Any, encoding: str) -> bytes:
    """A request or a revocation list."""
    check(encoding, OF_OTHERS)
    form = serialization.Encoding.PEM if encoding == "pem" else serialization.Encoding.DER
    return bytes(value.public_bytes(form))


def encoding_of(data: bytes, valid: Sequence[str]) -> str:
    """In which of these encodings a file is, as far as can be told from how it begins."""
    if b"-----BEGIN PKCS7" in data:
        return "pkcs7_pem"
    if b"-----BEGIN" in data:
        return "pem"
    for encoding in valid:
        if encoding == "pkcs7_der" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in data[:24]:
            return encoding
        if encoding == "pkcs12" and data[4:7] == b"\x02\x01\x03":
            return encoding
    return "der"


def _encryption(passphrase: str | None, *, compat: bool) -> serialization.KeySerializationEncryption:
    if not passphrase:
        return serialization.NoEncryption()
    if compat:
        return (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(50000)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303  (what old programs read)
            .build(passphrase.encode())
        )
    return serialization.BestAvailableEncryption(passphrase.encode())

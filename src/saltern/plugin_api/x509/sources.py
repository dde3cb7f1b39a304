"""Keys, certificates, requests and revocation lists, from a path, a text (PEM, hex, base64) or bytes."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

PrivateKey = Any
"""One of cryptography's private keys; they have no common type that says more."""
PublicKey = Any

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----\r?\n?")


def read(source: Any) -> bytes:
    """What a source holds. Raises `SaltInvocationError` for what is no source at all."""
    if isinstance(source, bytes):
        return source
    text = str(source)
    if "-----BEGIN" in text:
        return text.encode()
    if "\n" not in text and os.path.isfile(text):  # noqa: PTH113  (a text that is no path is fine here)
        with open(text, "rb") as file:  # noqa: PTH123
            return file.read()
    plain = re.sub(r"[\s:]", "", text)
    if len(plain) > 16:
        try:
            return bytes.fromhex(plain)
        except ValueError:
            pass
        try:
            return base64.b64decode(plain, validate=True)
        except binascii.Error:
            pass
    raise SaltInvocationError(
        "Could not load provided source. You need to pass an existing file, (PEM|hex|base64)-encoded string or raw "
        "bytes."
    )


def pem_entries(data: bytes) -> list[tuple[str, bytes]]:
    """The kind and text of each PEM block."""
    return [(match[1].decode(), match[0].strip() + b"\n") for match in _PEM.finditer(data)]


def private_key(source: Any, passphrase: str | None = None) -> PrivateKey:
    """A private key. `SaltInvocationError` where it has a passphrase and none was given, or the source has no key."""
    data = read(source)
    secret = passphrase.encode() if passphrase else None
    loaders: list[Callable[[], Any]] = [
        lambda: serialization.load_pem_private_key(_first(data, "PRIVATE KEY"), secret),
        lambda: serialization.load_der_private_key(data, secret),
        lambda: _of_pkcs12(data, secret),
    ]
    said = "neither as DER nor PKCS#12"
    for load in loaders[:1] if b"-----BEGIN" in data else loaders[1:]:
        try:
            return load()
        except SaltInvocationError:
            raise
        except TypeError as error:
            if secret is None:
                raise Encrypted("Private key is encrypted. Please provide a password.") from error
            raise SaltInvocationError("Private key is unencrypted. Please do not provide a password.") from error
        except ValueError as error:
            said = str(error)
            if "decrypt" in said.lower() or "password" in said.lower():
                raise WrongPassphrase("Bad decrypt - is the password correct?") from error
    raise SaltInvocationError(f"Could not load the private key: {said}")


class Encrypted(SaltInvocationError):
    """A private key has a passphrase, and none was given."""


class WrongPassphrase(CommandExecutionError):
    """The passphrase is not that of the private key."""


def public_key(source: Any, passphrase: str | None = None) -> PublicKey:
    """The public key that a source has: of a key of either kind, a certificate or a request."""
    if hasattr(source, "public_bytes") and not isinstance(source, x509.Certificate):
        return source
    data = read(source)
    loaders: list[Callable[[], Any]] = [
        lambda: serialization.load_pem_public_key(data),
        lambda: serialization.load_der_public_key(data),
        lambda: certificate(data).public_key(),
        lambda: request(data).public_key(),
    ]
    for load in loaders:
        try:
            return load()
        except (ValueError, SaltInvocationError):
            continue
    return private_key(data, passphrase).public_key()


def certificate(source: Any) -> x509.Certificate:
    """The first certificate of a source."""
    return certificates(source)[0]


def certificates(source: Any) -> list[x509.Certificate]:
    """All certificates of a source, PEM, DER, PKCS#7 or (without a passphrase) PKCS#12."""
    if isinstance(source, x509.Certificate):
        return [source]
    data = read(source)
    if b"-----BEGIN" in data:
        found = [x509.load_pem_x509_certificate(text) for kind, text in pem_entries(data) if kind == "CERTIFICATE"]
        found = found or [one for kind, text in pem_entries(data) if kind == "PKCS7" for one in _pkcs7(text)]
        if not found:
            raise SaltInvocationError("Could not load PEM-encoded certificate.")
        return found
    loaders: list[Callable[[], list[x509.Certificate]]] = [
        lambda: [x509.load_der_x509_certificate(data)],
        lambda: _pkcs7_der(data),
        lambda: _pkcs12_certs(data),
    ]
    for load in loaders:
        try:
            return load()
        except (ValueError, TypeError):
            continue
    raise SaltInvocationError("Could not deserialize binary data, neither as DER nor PKCS#7, PKCS#12.")


def request(source: Any) -> x509.CertificateSigningRequest:
    """A certificate signing request."""
    data = read(source)
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_csr(data)
        return x509.load_der_x509_csr(data)
    except ValueError as error:
        form = "PEM" if b"-----BEGIN" in data else "DER"
        raise SaltInvocationError(f"Could not load {form}-encoded certificate signing request.") from error


def revocation_list(source: Any) -> x509.CertificateRevocationList:
    """A certificate revocation list."""
    data = read(source)
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_crl(data)
        return x509.load_der_x509_crl(data)
    except ValueError as error:
        form = "PEM" if b"-----BEGIN" in data else "DER"
        raise SaltInvocationError(f"Could not load {form}-encoded certificate revocation list.") from error


def _first(data: bytes, kind: str) -> bytes:
    found = [text for name, text in pem_entries(data) if name.endswith(kind)]
    if not found:
        raise SaltInvocationError("Could not load PEM-encoded private key.")
    return found[0]


def _of_pkcs12(data: bytes, secret: bytes | None) -> PrivateKey:
    key = pkcs12.load_key_and_certificates(data, secret)[0]
    if key is None:
        raise ValueError("it holds no private key")
    return key


def _pkcs7(text: bytes) -> list[x509.Certificate]:
    return list(pkcs7.load_pem_pkcs7_certificates(text))


def _pkcs7_der(data: bytes) -> list[x509.Certificate]:
    return list(pkcs7.load_der_pkcs7_certificates(data))


def _pkcs12_certs(data: bytes) -> list[x509.Certificate]:
    _, first, others = pkcs12.load_key_and_certificates(data, None)
    # A certificate without its key is among the others.
    found = [first, *others] if first is not None else list(others)
    if not found:
        raise ValueError("it holds no certificate")
    return found

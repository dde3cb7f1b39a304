"""Fingerprints of public keys: the SHA-256 of the key's DER form (SubjectPublicKeyInfo), as 64 hex digits."""

from __future__ import annotations

import hashlib
import string

from saltern.errors import ConfigError
from saltern.pki.der import read_certificate
from saltern.pki.pem import CERTIFICATE, PUBLIC_KEY, der_of


def fingerprint(public_key: str | bytes) -> str:
    """Of a public key in PEM (text) or DER (bytes) form; `ValueError` when the text holds none."""
    der = der_of(public_key, PUBLIC_KEY) if isinstance(public_key, str) else public_key
    return hashlib.sha256(der).hexdigest()


def certificate_fingerprint(certificate: str | bytes) -> str:
    """Of the public key in a certificate, PEM or DER; `ValueError` when it is none."""
    der = der_of(certificate, CERTIFICATE) if isinstance(certificate, str) else certificate
    return fingerprint(read_certificate(der).public_key)


def show(digits: str) -> str:
    """The form that people compare: pairs of digits with colons between."""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def normalise(text: str) -> str:
    """The 64 lower-case digits of a fingerprint that a person typed, with or without colons; `ConfigError` if none."""
    digits = text.strip().replace(":", "").lower()
    if len(digits) != 64 or not set(digits) <= set(string.hexdigits):
        raise ConfigError(
            f"{text!r} is not a fingerprint",
            hint="A fingerprint is 64 hexadecimal digits, with or without colons; `saltern key -F` shows the master's.",
        )
    return digits


def same_key(one: str, other: str) -> bool:
    """Whether two PEM texts hold the same public key; a text that holds none is the same as no other."""
    try:
        return fingerprint(one) == fingerprint(other)
    except ValueError:
        return False

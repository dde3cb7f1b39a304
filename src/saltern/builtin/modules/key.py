"""The keys by which this minion and its master know each other."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Opts

__opts__: Opts


def finger(hash_type: str | None = None) -> str:
    """The fingerprint of this minion's key, as `saltern key -F` shows it on the master; empty where there is no key.

    CLI Example::

        saltern run '*' key.finger
    """
    pem = _text("minion.pub")
    return _shown(_body(pem), hash_type) if pem else ""


def finger_master(hash_type: str | None = None) -> str:
    """The fingerprint of the authority that this minion trusts, as `saltern key -F` shows it on the master.

    CLI Example::

        saltern run '*' key.finger_master
    """
    pem = _text("ca.crt")
    if not pem:
        return ""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate

    public = load_pem_x509_certificate(pem.encode()).public_key()
    return _shown(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), hash_type)


def _text(name: str) -> str:
    try:
        return Path(__opts__["pki_dir"], name).read_text()
    except (OSError, KeyError):
        return ""


def _body(pem: str) -> bytes:
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))


def _shown(der: bytes, hash_type: str | None) -> str:
    try:
        return hashlib.new(hash_type or "sha256", der, usedforsecurity=False).digest().hex(":")
    except ValueError as error:
        raise CommandExecutionError(f"Unknown hash type {hash_type}") from error

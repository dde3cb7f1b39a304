"""Private keys: elliptic curve P-256, kept in PKCS #8 PEM form without a passphrase."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from saltern.errors import ConfigError
from saltern.pki.private_files import create_file, read_text

_log = logging.getLogger(__name__)


def key_at(path: Path) -> ec.EllipticCurvePrivateKey:
    """The private key of a file (0600), made now if there is none; of two processes that make it at once, one wins."""
    if not path.exists():
        create_file(path, private_pem(make_key()).encode())
    _hide(path)
    return load_key(read_text(path) or "", path)


def make_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def public_pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def public_der(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_key(pem: str, source: object) -> ec.EllipticCurvePrivateKey:
    """Read a private key; `ConfigError` names `source` (a path) when it holds none that is of use."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{source} holds no private key that can be read.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigError(f"{source} holds a key of another kind than elliptic curve P-256.")
    return key


def _hide(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        _log.warning("%s could be read by others (mode %o); now only its owner can", path, mode)
        path.chmod(0o600)

"""Public keys of OpenSSH: their types, what they are made of, their fingerprints."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from saltern.plugin_api.errors import CommandExecutionError

_TYPES = re.compile(
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
    r"(?:-cert-v01@openssh\.com)?$"
)
_SHORT = {"r": "ssh-rsa", "rsa": "ssh-rsa", "d": "ssh-dss", "dss": "ssh-dss", "ed25519": "ssh-ed25519"}


def type_of_word(enc: str) -> str:
    """The type of a key that a user may name in short (`rsa`). Raises `CommandExecutionError` for no type."""
    if is_type(enc) or enc == "ecdsa":
        return enc
    if enc in _SHORT:
        return _SHORT[enc]
    raise CommandExecutionError(f"Incorrect encryption key type '{enc}'.")


def is_type(word: str) -> bool:
    return bool(_TYPES.match(word))


def type_of_key(key: str) -> str | None:
    """The type that a key says it has; None for what is no key."""
    blob = decoded(key)
    if blob is None or len(blob) < 4:
        return None
    word = blob[4 : 4 + int.from_bytes(blob[:4], "big")]
    try:
        found = word.decode("ascii")
    except UnicodeDecodeError:
        return None
    return found if is_type(found) else None


def decoded(key: str) -> bytes | None:
    """The bytes of a key; None when it is no base64."""
    try:
        return base64.b64decode(key, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def fingerprint(key: str, algorithm: str | None = None) -> str | None:
    """The digest of a key as pairs of hex digits with colons; None for no key."""
    blob = decoded(key)
    if blob is None:
        return None
    try:
        return hashlib.new(algorithm or "sha256", blob, usedforsecurity=False).digest().hex(":")
    except ValueError as error:
        raise CommandExecutionError(f"Unknown hash type {algorithm}") from error

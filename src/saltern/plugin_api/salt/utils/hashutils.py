"""Digests and base64."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from saltern.plugin_api.jinja.filters.hashes import (
    base64_decode,
    base64_encode,
    digest,
    hmac,
    hmac_compute,
    random_hash,
)

base64_b64encode = base64_encode
base64_b64decode = base64_decode
hmac_signature = hmac

__all__ = [
    "base64_b64decode", "base64_b64encode", "base64_decodestring", "base64_encodestring", "get_hash", "hmac_compute",
    "hmac_signature", "md5_digest", "random_hash", "sha1_digest", "sha256_digest", "sha512_digest",
]  # fmt: skip


def base64_encodestring(instr: str | bytes) -> str:
    """Base64 in lines, each ended."""
    return base64.encodebytes(instr if isinstance(instr, bytes) else instr.encode()).decode()


def base64_decodestring(instr: str | bytes) -> str | bytes:
    return base64_decode(instr)


def md5_digest(instr: Any) -> str:
    return digest(instr, "md5")


def sha1_digest(instr: Any) -> str:
    return digest(instr, "sha1")


def sha256_digest(instr: Any) -> str:
    return digest(instr, "sha256")


def sha512_digest(instr: Any) -> str:
    return digest(instr, "sha512")


def get_hash(path: str, form: str = "sha256", chunk_size: int = 65536) -> str:
    """The digest of a file, read in pieces; `ValueError` for a digest that is not known."""
    try:
        found = hashlib.new(form)
    except ValueError as error:
        raise ValueError(f"Invalid hash type: {form}") from error
    with open(path, "rb") as file:
        while piece := file.read(chunk_size):
            found.update(piece)
    return found.hexdigest()

"""Digests, codes, and values that look like chance."""

from __future__ import annotations

import base64
import hashlib
import hmac as hmac_library
import random
import secrets
import uuid as uuid_library
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api.jinja.filters.text import to_bytes

_UUIDS = uuid_library.UUID("91633ebf-1c86-5e33-935a-28061f4b480e")
"""The namespace in which Salt makes UUIDs from texts."""


def digest(text: Any, algorithm: str) -> str:
    return hashlib.new(algorithm, to_bytes(text)).hexdigest()


def hmac(text: Any, secret: Any, challenge: Any) -> bool:
    """Whether the base64 of the text's HMAC-SHA256 is the challenge."""
    made = base64.b64encode(hmac_library.digest(to_bytes(secret), to_bytes(text), "sha256"))
    return hmac_library.compare_digest(made, to_bytes(challenge))


def hmac_compute(text: Any, secret: Any) -> str:
    """The hex HMAC-SHA256 of a text."""
    return hmac_library.digest(to_bytes(secret), to_bytes(text), "sha256").hex()


def base64_encode(text: Any) -> str:
    return base64.b64encode(to_bytes(text)).decode()


def base64_decode(text: Any) -> str | bytes:
    """What the base64 text stands for: a text, where it is UTF-8."""
    content = base64.b64decode(to_bytes(text))
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def uuid(text: Any) -> str:
    """A UUID that is always the same for one text."""
    return str(uuid_library.uuid5(_UUIDS, to_bytes(text).decode()))


def random_hash(size: int = 9999999999, hash_type: str = "md5") -> str:
    """The hex digest of a random number up to `size`."""
    if hash_type not in hashlib.algorithms_guaranteed:
        raise ValueError(f"unknown hash type {hash_type}: one of {', '.join(sorted(hashlib.algorithms_guaranteed))}")
    return hashlib.new(hash_type, str(secrets.randbelow(size + 1)).encode()).hexdigest()


def random_sample(values: Sequence[Any], size: int, seed: Any = None) -> list[Any]:
    """So many of the values; the same ones each time for one seed."""
    return _chance(seed).sample(values, size)


def random_shuffle(values: Sequence[Any], seed: Any = None) -> list[Any]:
    """The values in another order; the same one each time for one seed."""
    return _chance(seed).sample(values, len(values))


def _chance(seed: Any) -> random.Random:
    # Neither secret nor safe to be used so: minions spread their work by it.
    return random.Random(None if seed is None else digest(seed, "sha512"))  # noqa: S311


FILTERS = {
    "md5": lambda text: digest(text, "md5"),
    "sha1": lambda text: digest(text, "sha1"),
    "sha256": lambda text: digest(text, "sha256"),
    "sha512": lambda text: digest(text, "sha512"),
    "hmac": hmac,
    "hmac_compute": hmac_compute,
    "base64_encode": base64_encode,
    "base64_decode": base64_decode,
    "uuid": uuid,
    "random_hash": random_hash,
    "rand_str": random_hash,
    "random_sample": random_sample,
    "random_shuffle": random_shuffle,
}

"""PEM (RFC 7468) without a cryptography library."""

from __future__ import annotations

import binascii

PUBLIC_KEY = "PUBLIC KEY"
CERTIFICATE = "CERTIFICATE"


def der_of(pem: str, label: str) -> bytes:
    """The DER bytes of the first block with this label; `ValueError` when there is none or it is damaged."""
    _, begin, rest = pem.partition(f"-----BEGIN {label}-----")
    body, end, _ = rest.partition(f"-----END {label}-----")
    if not begin or not end:
        raise ValueError(f"no {label} in PEM form")
    return binascii.a2b_base64("".join(body.split()), strict_mode=True)

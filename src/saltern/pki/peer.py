"""Who the certificate of the other side says it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from saltern.errors import IdentityRefused
from saltern.pki.der import read_certificate
from saltern.pki.fingerprints import fingerprint
from saltern.pki.names import master_of_uri, minion_of_uri


class CertifiedPeer(NamedTuple):
    """`fingerprint` is that of the public key, `expires` in seconds since 1970, UTC."""

    id: str
    fingerprint: str
    expires: float


def peer_from_certificate(der: bytes) -> CertifiedPeer:
    """Read a minion's certificate that TLS has verified; `IdentityRefused` when it is not a minion's."""
    return _read(der, minion_of_uri, "a minion")


def master_from_certificate(der: bytes) -> CertifiedPeer:
    """Read a master's certificate that TLS has verified; `IdentityRefused` when it is not a master's."""
    return _read(der, master_of_uri, "a master")


def _read(der: bytes, name_in: Callable[[str], str | None], whose: str) -> CertifiedPeer:
    try:
        fields = read_certificate(der)
        names = [name for uri in fields.uris if (name := name_in(uri)) is not None]
    except ValueError as error:
        raise IdentityRefused(f"The certificate cannot be read: {error}") from error
    if len(names) != 1 or not names[0]:
        raise IdentityRefused(f"The certificate is not that of {whose}.")
    return CertifiedPeer(names[0], fingerprint(fields.public_key), fields.not_after)

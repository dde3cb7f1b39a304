"""Whether a minion that shows a certificate may come in now."""

from __future__ import annotations

from saltern.keys.contract import KeyState, KeyStore
from saltern.pki.fingerprints import fingerprint


def is_admitted(store: KeyStore, minion: str, key_fingerprint: str) -> bool:
    """Whether the key store accepts this id with this key (hex SHA-256, as `Peer.fingerprint`) at this moment.

    A certificate says who somebody is; whether it is still wanted is said by the key store, asked at each connect.
    """
    if store.state_of(minion) is not KeyState.ACCEPTED:
        return False
    public_key = store.get(minion, KeyState.ACCEPTED)
    try:
        return public_key is not None and fingerprint(public_key) == key_fingerprint
    except ValueError:
        return False

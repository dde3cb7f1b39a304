"""What a store of minion keys must do. Its definition is the suite in `tests/contracts/test_key_store.py`."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Protocol


class KeyState(enum.StrEnum):
    """The states of a minion's key; the values are Salt's names in JSON output and of its directories."""

    ACCEPTED = "minions"
    PENDING = "minions_pre"
    REJECTED = "minions_rejected"
    DENIED = "minions_denied"


class KeyStore(Protocol):
    """Minion ids with their public keys (PEM text), at most one in each state for an id.

    Small and read often: the calls are synchronous. A change made by hand in a directory is seen at the next call.
    """

    def list(self) -> Mapping[KeyState, list[str]]:
        """The ids in each state, sorted; every state is present."""

    def get(self, minion: str, state: KeyState) -> str | None:
        """The public key (PEM) of an id in a state, or None."""

    def state_of(self, minion: str) -> KeyState | None:
        """Accepted, rejected or pending, whichever holds; `DENIED` only where it is all there is; None: unknown."""

    def put(self, minion: str, state: KeyState, public_key: str) -> None:
        """Keep a key in a state; `UserError` for an id that is not valid."""

    def delete(self, minion: str, state: KeyState) -> bool:
        """Forget a key in a state; whether there was one."""

"""What a store of minion data must do. Its definition is the suite in `tests/contracts/test_fleet_store.py`."""

from __future__ import annotations

from typing import Protocol

import msgspec


class MinionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the master remembers of a minion between its connections.

    `grains` is MessagePack, kept encoded; `digest` is the hex SHA-256 of it, by which a minion that connects learns
    whether the master's copy is current. `seen` is when it was last connected, `started` when its process started
    (seconds since 1970, UTC).
    """

    id: str
    digest: str = ""
    grains: bytes = b""
    version: str = ""
    seen: float = 0.0
    started: float = 0.0


class FleetStore(Protocol):
    """Remembers one record a minion."""

    def load(self) -> list[MinionRecord]:
        """All records; read once, at start."""

    async def save(self, record: MinionRecord) -> None:
        """Keep the record in place of an earlier one; durable when this returns."""

    async def forget(self, minion: str) -> None:
        """Drop what is known of a minion."""

    async def close(self) -> None:
        """Write what is pending and let go of the file."""

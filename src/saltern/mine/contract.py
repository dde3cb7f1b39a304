"""What a store of mines must do. Its definition is the suite in `tests/contracts/test_mine_store.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec


class MineEntry(msgspec.Struct, frozen=True):
    """What a minion told under one name. `value` is MessagePack.

    `allow_tgt` is a target expression of the kind `allow_tgt_type`: the minions that may read it; empty: all may.
    """

    value: bytes
    allow_tgt: str = ""
    allow_tgt_type: str = "glob"


class MineStore(Protocol):
    """Keeps the mines of minions, each a table of entries by name. All but `close` blocks, and is for any thread.

    What was changed is durable when the call returns. `StoreError` when it cannot be read or written.
    """

    def update(self, minion: str, entries: Mapping[str, MineEntry], *, clear: bool = False) -> None:
        """Keep entries in place of those of the same names, with `clear` in place of all."""

    def read(self, minions: Iterable[str], name: str) -> dict[str, MineEntry]:
        """The entries of one name, by those of the minions that have one, in the order of `minions`."""

    def all_of(self, minion: str) -> dict[str, MineEntry]:
        """A whole mine by name, sorted."""

    def delete(self, minion: str, name: str) -> None:
        """Drop one entry; there need be none."""

    def flush(self, minion: str) -> None:
        """Drop a whole mine; there need be none."""

    async def close(self) -> None:
        """Let go of the file."""

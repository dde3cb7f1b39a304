"""Mines in memory: for tests and trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from saltern.mine.contract import MineEntry


class MemoryMineStore:
    """Each change puts a new table in place of a minion's old one, so that no reader sees half of it."""

    def __init__(self) -> None:
        self._mines: dict[str, Mapping[str, MineEntry]] = {}

    def update(self, minion: str, entries: Mapping[str, MineEntry], *, clear: bool = False) -> None:
        kept = {} if clear else self._mines.get(minion, {})
        self._mines[minion] = {**kept, **entries}

    def read(self, minions: Iterable[str], name: str) -> dict[str, MineEntry]:
        mines = ((minion, self._mines.get(minion, {})) for minion in minions)
        return {minion: mine[name] for minion, mine in mines if name in mine}

    def all_of(self, minion: str) -> dict[str, MineEntry]:
        return dict(sorted(self._mines.get(minion, {}).items()))

    def delete(self, minion: str, name: str) -> None:
        mine = self._mines.get(minion, {})
        self._mines[minion] = {key: entry for key, entry in mine.items() if key != name}

    def flush(self, minion: str) -> None:
        self._mines.pop(minion, None)

    async def close(self) -> None:
        """There is nothing to let go of."""

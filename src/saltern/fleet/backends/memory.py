"""Minion data in memory: for tests and trials."""

from __future__ import annotations

from saltern.fleet.contract import MinionRecord


class MemoryFleetStore:
    def __init__(self) -> None:
        self._records: dict[str, MinionRecord] = {}

    def load(self) -> list[MinionRecord]:
        return list(self._records.values())

    async def save(self, record: MinionRecord) -> None:
        self._records[record.id] = record

    async def forget(self, minion: str) -> None:
        self._records.pop(minion, None)

    async def close(self) -> None:
        """There is nothing to write and nothing to let go of."""

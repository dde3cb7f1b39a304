"""Batches in memory: gone when the process ends."""

from __future__ import annotations

from saltern.batch.records import Batch


class MemoryBatchStore:
    def __init__(self) -> None:
        self._batches: dict[str, Batch] = {}

    def save(self, batch: Batch) -> None:
        self._batches[batch.jid] = batch

    def get(self, jid: str) -> Batch | None:
        return self._batches.get(jid)

    def jids(self) -> list[str]:
        return sorted(self._batches)

    def forget(self, jid: str) -> None:
        self._batches.pop(jid, None)

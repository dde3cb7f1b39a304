"""All exports of a master, by their names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saltern.errors import NotFound
from saltern.export.exporter import Exporter
from saltern.export.ledger import Letter


class Exports:
    """`wake` is called when something was written to the job cache."""

    def __init__(self, exporters: Mapping[str, Exporter] | None = None, wake: Callable[[], None] | None = None) -> None:
        self._exporters = dict(exporters or {})
        self._wake = wake

    def wake(self) -> None:
        if self._wake is not None:
            self._wake()

    def start(self) -> None:
        for exporter in self._exporters.values():
            exporter.start()

    async def close(self) -> None:
        await asyncio.gather(*(exporter.close() for exporter in self._exporters.values()))

    async def held_since(self) -> float | None:
        """When the oldest began of all that waits."""
        moments = [await exporter.held_since() for exporter in self._exporters.values()]
        return min((moment for moment in moments if moment is not None), default=None)

    async def tidy(self) -> None:
        """Have the targets drop what they have kept for long enough."""
        for exporter in self._exporters.values():
            await exporter.tidy()

    async def status(self) -> list[dict[str, Any]]:
        return [await exporter.status() for exporter in self._exporters.values()]

    async def letters(self, name: str, limit: int) -> list[tuple[str, Letter]]:
        """The dead letters of one export, or of all, each with the name of its export."""
        chosen = [self._named(name)] if name else list(self._exporters.values())
        return [(exporter.name, letter) for exporter in chosen for letter in await exporter.letters(limit)]

    async def retry(self, name: str, numbers: Sequence[int]) -> dict[int, str]:
        """Send dead letters again; for each an empty text, or why it was refused again."""
        exporter = self._named(name)
        return {number: await exporter.retry(number) for number in numbers}

    async def drop(self, name: str, numbers: Sequence[int]) -> int:
        return await self._named(name).drop(numbers)

    def _named(self, name: str) -> Exporter:
        if not name and len(self._exporters) == 1:
            return next(iter(self._exporters.values()))
        found = self._exporters.get(name)
        if found is None:
            known = ", ".join(self._exporters) or "none"
            raise NotFound(f"this master has no export {name!r}", hint=f"There are: {known}.")
        return found

"""`plugin_api.batches.BatchControl` over the batches of a master."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from saltern.errors import Conflict, NotFound
from saltern.master.batches import Batches

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the master's event loop, from another thread, and gives its result."""
_BY = "a runner"


class RunnerBatches:
    def __init__(self, batches: Batches, run: Run) -> None:
        self._batches = batches
        self._run = run

    def status(self, jid: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._run(self._batches.status(jid))
        return found

    def active(self) -> list[dict[str, Any]]:
        return list(self._run(self._batches.active()))

    def pause(self, jid: str) -> bool:
        return self._done(self._batches.pause(jid, _BY))

    def resume(self, jid: str) -> bool:
        return self._done(self._batches.resume(jid))

    def stop(self, jid: str, *, kill: bool = False) -> bool:
        return self._done(self._batches.stop(jid, _BY, kill=kill))

    def _done(self, work: Coroutine[Any, Any, Any]) -> bool:
        try:
            self._run(work)
        except (Conflict, NotFound):
            return False
        return True

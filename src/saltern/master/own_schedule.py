"""What a master does of itself, round after round: the runner functions of its `schedule` (behaviour SCH-01)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from saltern.client.contract import Call
from saltern.errors import SalternError
from saltern.schedule.item import Item
from saltern.schedule.rounds import Rounds
from saltern.schedule.table import OPTS, Schedule

log = logging.getLogger(__name__)

_WHEEL = "wheel."
"""How the name of a wheel function begins, to tell it from a runner's."""


class Functions(Protocol):
    """Calls functions of the master."""

    async def call_own(self, request: Call, user: str, *, keep: bool) -> Mapping[str, Any]: ...


class MasterSchedule:
    """Lives in the master's event loop. `user` is who the record says had a function called."""

    def __init__(self, schedule: Mapping[str, Any], functions: Functions, user: str, interval: float = 1.0) -> None:
        self._functions = functions
        self._user = user
        self._schedule = Schedule(lambda _: None, time.time)
        self._schedule.take(OPTS, schedule)
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds = Rounds(self._schedule, self._run, lambda name: self._running[name], interval)

    def start(self) -> None:
        if self._schedule.items():
            self._rounds.start()

    async def close(self) -> None:
        self._rounds.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _run(self, item: Item, function: str) -> None:
        self._running[item.name] += 1
        task = asyncio.get_running_loop().create_task(self._call(item, function))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, item: Item, function: str) -> None:
        try:
            keep = item.data.get("return_job", True) is True
            done = await self._functions.call_own(_request(item, function), self._user, keep=keep)
            if not done["success"]:
                log.error("the scheduled job %s (%s) failed, see job %s", item.name, function, done["jid"])
        except SalternError as error:
            log.error("the scheduled job %s (%s) cannot run: %s", item.name, function, error)
        finally:
            self._running[item.name] -= 1


def _request(item: Item, function: str) -> Call:
    given = item.data.get("args", [])
    return Call(
        client="wheel" if function.startswith(_WHEEL) else "runner",
        fun=function.removeprefix(_WHEEL),
        arg=list(given) if isinstance(given, list) else [given],
        kwarg=dict(item.data.get("kwargs") or {}),
    )

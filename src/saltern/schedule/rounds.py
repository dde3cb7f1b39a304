"""The clock of a schedule: looks when something is due, in the event loop that it lives in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from saltern.schedule.item import Item
from saltern.schedule.table import Schedule

log = logging.getLogger(__name__)

_LOOK = 30.0
"""Seconds after which it looks in any case: the clock may have been set."""
_SET = 2.0
"""Seconds between two clocks that mean that one was set."""
Run = Callable[[Item, str], None]
"""Have a job's function run; the function is not always the job's own, see `table.Due`."""


class Rounds:
    """`running` tells how many runs of a job go on, `interval` is how many seconds lie between two looks at least."""

    def __init__(self, schedule: Schedule, run: Run, running: Callable[[str], int], interval: float = 1.0) -> None:
        self._schedule = schedule
        self._run = run
        self._running = running
        self._interval = interval
        self._timer: asyncio.TimerHandle | None = None
        self._started = False
        self._gap = _gap()

    @property
    def started(self) -> bool:
        return self._started

    def start(self) -> None:
        if not self._started:
            self._started = True
            self.look_soon()

    def stop(self) -> None:
        self._started = False
        if self._timer is not None:
            self._timer.cancel()

    def look_soon(self) -> None:
        """Something has changed: look at once."""
        if self._started:
            self._arm(0)

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._see_clock()
        for item, function in self._schedule.due():
            try:
                self._begin(item, function)
            except Exception:  # one job must not stop the others
                log.exception("the scheduled job %s could not be begun", item.name)
        if not self._started:
            return
        due = self._schedule.next_due()
        wait = _LOOK if due is None else min(due - time.time(), _LOOK)
        self._arm(max(wait, self._interval))

    def _begin(self, item: Item, function: str) -> None:
        if item.data["jid_include"] and self._running(item.name) >= _most(item):
            log.info("the scheduled job %s still runs and is not begun again (maxrunning)", item.name)
            return
        if item.data.get("dry_run"):
            log.info("the scheduled job %s would run %s now", item.name, function)
            return
        if not item.why_skipped:
            item.last = time.time()
        self._run(item, function)

    def _see_clock(self) -> None:
        """Times of day follow a clock that was set; what comes every so often does not."""
        gap = _gap()
        if abs(gap - self._gap) > _SET:
            log.info("the clock was set by %.0f seconds", gap - self._gap)
            self._schedule.moved(gap - self._gap)
        self._gap = gap


def _gap() -> float:
    return time.time() - time.monotonic()


def _most(item: Item) -> int:
    try:
        return int(item.data["maxrunning"])
    except (TypeError, ValueError):
        return 1

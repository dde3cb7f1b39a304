"""One batch that goes on: lets minions have the job, a few at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

from saltern.batch.records import Batch
from saltern.errors import SalternError
from saltern.master.delivery import Delivery
from saltern.master.live import LiveJob, LiveJobs, heard
from saltern.model.job import State

log = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds after which the batch is looked at again without having been woken."""
_GOOD = (State.RETURNED, State.EXPIRED, State.CANCELLED)
"""Ends that are no fault of the job: a minion that was not there never had it."""


class BatchRun:
    """Drives a batch. `batch` is replaced when it is paused or halted; `moved` is called when counts have changed."""

    def __init__(
        self, batch: Batch, live: LiveJob, jobs: LiveJobs, delivery: Delivery, moved: Callable[[BatchRun], None]
    ) -> None:
        self.batch = batch
        self.live = live
        self.last_progress = batch.created
        self._jobs = jobs
        self._delivery = delivery
        self._moved = moved
        self.turns = asyncio.Lock()
        """Held while minions are let go: nobody may call a batch off in between."""
        self._resting: deque[float] = deque()
        """When each place that a minion has just left may be taken again."""
        self._told = self._state()

    @property
    def active(self) -> int:
        return len(self.live.open) - len(self.live.held)

    def at_work(self) -> list[str]:
        """The minions that have the job and have not given a return."""
        return [minion for minion in self.live.open if minion not in self.live.held]

    async def until_over(self) -> str:
        """Take steps until nothing is left to do, or the batch has to end early: then why, else an empty text.

        Minions that are at work when it ends go on.
        """
        with self._jobs.listening(self.batch.jid) as news:
            while self.live.open and not self._fault():
                news.clear()
                self._tell()
                try:
                    async with self.turns:
                        await self._step()
                except SalternError as error:
                    log.error("batch %s cannot go on at the moment: %s", self.batch.jid, error)
                if self.live.open:
                    await heard(news, self._pause())
        self._tell()
        return self._fault()

    def _fault(self) -> str:
        bad = sum(number for state, number in self.live.ends.items() if state not in _GOOD)
        return self.batch.halted or self.batch.plan.fault(bad)

    async def _step(self) -> None:
        now = time.monotonic()
        while self._resting and self._resting[0] <= now:
            self._resting.popleft()
        free = self.batch.plan.size - self.active - len(self._resting)
        if self.batch.paused_by or self.batch.halted or free <= 0:
            return
        chosen, gone = self._next(free)
        if gone:
            await self._delivery.expire(self.batch.jid, gone)
        if chosen:
            await self._delivery.release(self.live, chosen)

    def _next(self, free: int) -> tuple[list[str], list[str]]:
        """The minions whose turn it is, and those that are not there for theirs."""
        chosen: list[str] = []
        gone: list[str] = []
        for minion in self.live.held:
            if self._delivery.is_here(minion):
                chosen.append(minion)
            elif self._delivery.is_gone(self.live.job, minion):
                gone.append(minion)
            if len(chosen) == free:
                break
        return chosen, gone

    def _tell(self) -> None:
        """Take in what has changed, and say so."""
        state = self._state()
        if state == self._told:
            return
        left = self._worked(state) - self._worked(self._told)
        if self.batch.plan.wait:
            self._resting.extend([time.monotonic() + self.batch.plan.wait] * left)
        self._told = state
        self.last_progress = time.time()
        self._moved(self)

    def _state(self) -> tuple[int, int, dict[State, int]]:
        return len(self.live.open), len(self.live.held), dict(self.live.ends)

    @staticmethod
    def _worked(state: tuple[int, int, dict[State, int]]) -> int:
        """How many have given a place back: those that were not there, or were cancelled, never had one."""
        return sum(number for end, number in state[2].items() if end not in (State.EXPIRED, State.CANCELLED))

    def _pause(self) -> float:
        if not self._resting:
            return _LOOK
        return min(_LOOK, max(0.01, self._resting[0] - time.monotonic()))

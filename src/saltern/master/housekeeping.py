"""What the master does by the clock: expire, sweep, watch heartbeats, tell who is present."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable

import msgspec

from saltern.access.contract import AuditLog
from saltern.errors import SalternError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.events.contract import EventLog
from saltern.fleet.registry import Fleet
from saltern.jobs.contract import JobStore
from saltern.master.batches import Batches
from saltern.master.connections import Connections
from saltern.master.delivery import Delivery
from saltern.master.exports import Exports
from saltern.model.job import Retention
from saltern.transport.contract import Link

log = logging.getLogger(__name__)

_SWEEP = 1.0
_SYNC = 0.05
_UPKEEP = 3600.0
_MARGIN = 60
"""Seconds by which what waits to be exported is kept longer than it is old."""
_SILENCE = 3
"""Heartbeats without a word after which a minion counts as gone."""


class HouseOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds, sizes in bytes."""

    keep_jobs: Retention = Retention()
    keep_events_seconds: float = 86_400.0
    keep_events_bytes: int = 1 << 30
    keep_audit_seconds: float = 0.0
    heartbeat: float = 30.0
    interval: float = 60.0
    presence_events: bool = False


class Housekeeping:
    """One task for each duty; a duty that fails is logged and done again at its next time.

    `upkeep` is what has to be done every hour outside the event loop: certificates, tokens, stubs.
    """

    def __init__(
        self,
        options: HouseOptions,
        store: JobStore,
        events: EventLog,
        audit: AuditLog,
        bus: EventBus,
        connections: Connections,
        fleet: Fleet,
        delivery: Delivery,
        batches: Batches,
        exports: Exports,
        upkeep: Callable[[], object],
    ) -> None:
        self._options = options
        self._store = store
        self._events = events
        self._audit = audit
        self._bus = bus
        self._connections = connections
        self._fleet = fleet
        self._delivery = delivery
        self._batches = batches
        self._exports = exports
        self._upkeep = upkeep
        self._present: set[str] = set()
        self._heard: dict[Link, tuple[int, int]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        duties: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (_SWEEP, self._delivery.sweep),
            (_SYNC, self._events.sync),
            (self._options.heartbeat, self._drop_silent),
            (self._options.interval, self._expire),
            (_UPKEEP, self._keep_up),
        ]
        if self._options.presence_events:
            duties.append((self._options.interval, self._tell_presence))
        self._tasks = [asyncio.get_running_loop().create_task(_every(seconds, duty)) for seconds, duty in duties]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _expire(self) -> None:
        now = time.time()
        dropped = await self._store.expire(await self._keep_jobs(now), now)
        if dropped:
            log.info("%d jobs were dropped from the job cache", dropped)
            await self._batches.expire()
        await self._exports.tidy()
        if self._options.keep_audit_seconds:
            await self._audit.expire(now - self._options.keep_audit_seconds)
        await self._events.expire(self._options.keep_events_seconds, self._options.keep_events_bytes, now)

    async def _keep_jobs(self, now: float) -> Retention:
        """What is still to be exported stays longer; the bounds on jobs and bytes hold all the same."""
        keep, since = self._options.keep_jobs, await self._exports.held_since()
        if not keep.seconds or since is None:
            return keep
        return msgspec.structs.replace(keep, seconds=max(keep.seconds, math.ceil(now - since) + _MARGIN))

    async def _drop_silent(self) -> None:
        """Counted in rounds of the heartbeat's length: a clock that is set anew makes nobody silent."""
        heard: dict[Link, tuple[int, int]] = {}
        for minion, link in self._connections.all():
            beats = self._fleet.beats(minion)
            before, silent = self._heard.get(link, (-1, 0))
            silent = silent + 1 if beats == before else 0
            if silent == _SILENCE:
                log.warning("minion %s has been silent for %d heartbeats", minion, _SILENCE)
                link.abort()
            heard[link] = (beats, silent)
        self._heard = heard

    async def _keep_up(self) -> None:
        await asyncio.to_thread(self._upkeep)

    async def _tell_presence(self) -> None:
        present = set(self._connections)
        new, lost = present - self._present, self._present - present
        if new or lost:
            self._bus.fire(tags.PRESENCE_CHANGE, {"new": sorted(new), "lost": sorted(lost)})
        self._bus.fire(tags.PRESENCE_PRESENT, {"present": sorted(present)})
        self._present = present


async def _every(seconds: float, duty: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await duty()
        except SalternError as error:
            log.error("housekeeping: %s", error)
        except Exception:  # the boundary of a duty: the others and the next time go on
            log.exception("housekeeping failed")

"""The job cache as a feed: the load of each job and behind it its returns, in the order in which they were recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from saltern.export.contract import Item, Measure, Page
from saltern.jobs.contract import JobStore
from saltern.model.jid import moment_of
from saltern.model.job import Body, Job, Outcome, OutcomeQuery, State
from saltern.salt_compat.job_shapes import publish_load, return_load

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_KNOWN = 20_000
"""Jobs whose loads are remembered as delivered; one that is forgotten is said again, which does no harm."""
_RETURNED = (State.RETURNED, State.FAILED)
_LOOK = 5.0
"""Seconds between looks at a store to which nothing was written from here."""
_SETTLE = 0.02
"""Seconds that news may wait for more, so that a batch is one."""


class JobFeed:
    """An `export.contract.Feed` over a store of jobs, of which it takes those of one master.

    `wake` it when something was written; where several masters share the store, it looks by itself as well.
    """

    def __init__(self, store: JobStore, master: str) -> None:
        self._store = store
        self._master = master
        self._news = asyncio.Event()
        self._told: dict[str, None] = {}
        self._jobs: dict[str, Job] = {}

    def wake(self) -> None:
        self._news.set()

    async def wait(self, after: int) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), _LOOK)
        await asyncio.sleep(_SETTLE)

    async def read(self, after: int, limit: int, most_bytes: int) -> Page:
        # Before the store is asked: what is written meanwhile wakes the next wait.
        self._news.clear()
        found = await self._store.outcomes(OutcomeQuery(after=after, settled=True, limit=limit))
        outcomes = _within(found, most_bytes)
        if not outcomes:
            return Page(items=[], cursor=after)
        returned = [outcome for outcome in outcomes if outcome.state in _RETURNED]
        stored = await self._store.bodies_of(returned)
        bodies = {outcome.seq: body for outcome, body in zip(returned, stored, strict=True)}
        jobs = await self._jobs_of(outcomes)
        loads = await self._loads([job for job in jobs.values() if job.jid not in self._told])
        items: list[Item] = []
        for outcome in outcomes:
            if outcome.jid not in jobs:
                continue
            if load := loads.pop(outcome.jid, None):
                items.append(Item(seq=outcome.seq, key=outcome.jid, group=outcome.jid, body=load))
            if outcome.state not in _RETURNED:
                continue
            if (body := bodies[outcome.seq]) is not None:
                items.append(_return(jobs[outcome.jid], outcome, body))
            else:
                log.error("the value that %s returned for %s is gone: not exported", outcome.minion, outcome.jid)
        more = len(found) == limit or len(outcomes) < len(found)
        return Page(items=items, cursor=outcomes[-1].seq, more=more)

    async def measure(self, after: int, limit: int) -> list[Measure]:
        page = await self._store.outcomes(OutcomeQuery(after=after, settled=True, states=_RETURNED, limit=limit))
        began = {jid: _began(jid) for jid in {outcome.jid for outcome in page}}
        return [Measure(seq=outcome.seq, size=outcome.size, began=began[outcome.jid]) for outcome in page]

    def delivered(self, items: Sequence[Item]) -> None:
        self._told.update((item.group, None) for item in items)
        while len(self._told) > _KNOWN:
            del self._told[next(iter(self._told))]

    async def _jobs_of(self, outcomes: Sequence[Outcome]) -> dict[str, Job]:
        """The jobs of outcomes, as far as they are there yet and this master's."""
        jids = dict.fromkeys(outcome.jid for outcome in outcomes)
        unknown = [jid for jid in jids if jid not in self._jobs]
        # Together: asked one after the other, each would wait for its turn on a busy machine.
        summaries = await asyncio.gather(*(self._store.job(jid) for jid in unknown))
        found = {jid: self._jobs[jid] for jid in jids if jid in self._jobs}
        found |= {jid: one.job for jid, one in zip(unknown, summaries, strict=True) if one is not None}
        self._jobs.update(found)
        while len(self._jobs) > _KNOWN:
            del self._jobs[next(iter(self._jobs))]
        return {jid: job for jid, job in found.items() if job.master in ("", self._master)}

    async def _loads(self, jobs: Sequence[Job]) -> dict[str, bytes]:
        """By jid what is to be done with the load of each job."""
        asked = (self._store.outcomes(OutcomeQuery(jid=job.jid, limit=_KNOWN)) for job in jobs)
        found = {}
        for job, outcomes in zip(jobs, await asyncio.gather(*asked), strict=True):
            minions = sorted(outcome.minion for outcome in outcomes)
            load = {"jid": job.jid, "load": publish_load(job), "minions": minions}
            found[job.jid] = _encode({"call": "save_load", "load": load})
        return found


def _return(job: Job, outcome: Outcome, body: Body) -> Item:
    load = return_load(job, outcome, None)
    del load["return"]
    form: dict[str, Any] = {"call": "returner", "load": load}
    if body.data is not None:
        form["value"] = msgspec.Raw(body.data or _encode(None))
    return Item(
        seq=outcome.seq,
        key=f"{outcome.jid} {outcome.minion}",
        group=outcome.jid,
        body=_encode(form),
        path=str(body.path or ""),
    )


def _within(outcomes: list[Outcome], most_bytes: int) -> list[Outcome]:
    """As many as are within the bytes, and one at least."""
    room = most_bytes
    for place, outcome in enumerate(outcomes):
        room -= outcome.size
        if room < 0 and place:
            return outcomes[:place]
    return outcomes


def _began(jid: str) -> float:
    moment = moment_of(jid)
    return time.time() if moment is None else moment.timestamp()

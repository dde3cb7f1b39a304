"""Walking through a history: jobs, their outcomes and what was given back, page by page and never one job at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

import msgspec

from saltern.jobs.contract import JobStore
from saltern.model.job import Body, JobQuery, JobSummary, Outcome, OutcomeQuery, State

_JOBS = 500
_OUTCOMES = 2_000
_BODIES = 500
_BYTES = 4 << 20
"""How much is asked for at once: of bodies so many, or so many bytes."""

Step = tuple[JobSummary, Outcome]


class Walk:
    """Asks a store in pages. What was read of one page is forgotten with the next."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    async def jobs(self, query: JobQuery, *, most: int = 0) -> AsyncIterator[JobSummary]:
        """The jobs that a query describes, newest first, whatever its limit: `most` of them, all with 0."""
        given = 0
        while not most or given < most:
            size = min(_JOBS, most - given) if most else _JOBS
            page = await self._store.jobs(msgspec.structs.replace(query, limit=size))
            for summary in page:
                yield summary
            given += len(page)
            if len(page) < size:
                return
            query = msgspec.structs.replace(query, before=page[-1].job.jid)

    async def named(self, jids: Sequence[str]) -> AsyncIterator[JobSummary]:
        """Jobs by their ids, those that there are."""
        for jid in jids:
            if summary := await self._store.job(jid):
                yield summary

    async def outcomes(
        self, jobs: AsyncIterator[JobSummary], states: tuple[State, ...] = (), minion: str = ""
    ) -> AsyncIterator[Step]:
        """The outcomes of jobs: those of one job after those of another, by their cursors."""
        async for some in _together(jobs, states):
            places = {summary.job.jid: place for place, summary in enumerate(some)}
            query = OutcomeQuery(jids=tuple(places), states=states, minion=minion)
            if len(some) == 1:  # of a large job no more than a page is in memory
                async for outcome in self.pages(query):
                    yield some[0], outcome
                continue
            found = [outcome async for outcome in self.pages(query)]
            for outcome in sorted(found, key=lambda each: (places[each.jid], each.seq)):
                yield some[places[outcome.jid]], outcome

    async def bodies(
        self, steps: AsyncIterator[Step], *, largest: int = 0, skip: Collection[str] = ()
    ) -> AsyncIterator[tuple[JobSummary, Outcome, Body | None]]:
        """Each outcome with its body: None of those above `largest` bytes. Minions that are in `skip` are left out."""
        some: list[Step] = []
        room = _BYTES
        async for step in steps:
            wanted = not largest or step[1].size <= largest
            if some and (len(some) == _BODIES or (wanted and step[1].size > room)):
                async for read in self._read(some, largest, skip):
                    yield read
                some, room = [], _BYTES
            some.append(step)
            room -= step[1].size if wanted else 0
        async for read in self._read(some, largest, skip):
            yield read

    async def pages(self, query: OutcomeQuery) -> AsyncIterator[Outcome]:
        """All outcomes that a query describes, whatever its limit."""
        query = msgspec.structs.replace(query, limit=_OUTCOMES)
        while page := await self._store.outcomes(query):
            for outcome in page:
                yield outcome
            if len(page) < _OUTCOMES:
                return
            query = msgspec.structs.replace(query, after=page[-1].seq)

    async def _read(
        self, some: Sequence[Step], largest: int, skip: Collection[str]
    ) -> AsyncIterator[tuple[JobSummary, Outcome, Body | None]]:
        left = [(summary, outcome) for summary, outcome in some if outcome.minion not in skip]
        wanted = [outcome for _, outcome in left if outcome.state.final and not 0 < largest < outcome.size]
        bodies = await self._store.bodies_of(wanted) if wanted else []
        found = {outcome.seq: body for outcome, body in zip(wanted, bodies, strict=True)}
        for summary, outcome in left:
            if outcome.minion not in skip:
                yield summary, outcome, found.get(outcome.seq)


async def whole(body: Body) -> bytes:
    """A body as bytes; a file is read in another thread."""
    if body.path is not None:
        return await asyncio.to_thread(body.path.read_bytes)
    return body.data or b""


async def _together(jobs: AsyncIterator[JobSummary], states: tuple[State, ...]) -> AsyncIterator[list[JobSummary]]:
    """Jobs in groups whose outcomes in these states make one page, unless a job has more by itself."""
    some: list[JobSummary] = []
    room = _OUTCOMES
    async for summary in jobs:
        count = sum(summary.counts.get(str(state), 0) for state in states or State)
        if some and (count > room or len(some) == _JOBS):
            yield some
            some, room = [], _OUTCOMES
        some.append(summary)
        room -= count
    if some:
        yield some

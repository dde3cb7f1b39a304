"""A store of jobs that tells when something was written to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from saltern.jobs.contract import JobStore
from saltern.model.job import Body, Change, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, Retention, Verdict


class ObservedJobStore:
    """A `JobStore` over another one; `written` is called after each write that was durable."""

    def __init__(self, store: JobStore, written: Callable[[], None]) -> None:
        self._store = store
        self._written = written

    async def create(self, job: Job, minions: Sequence[str]) -> None:
        await self._store.create(job, minions)
        self._written()

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        verdicts = await self._store.record(changes)
        self._written()
        return verdicts

    async def job(self, jid: str) -> JobSummary | None:
        return await self._store.job(jid)

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        return await self._store.jobs(query)

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        return await self._store.outcomes(query)

    async def body(self, jid: str, minion: str) -> Body | None:
        return await self._store.body(jid, minion)

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        return await self._store.bodies(jid, minions)

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        return await self._store.bodies_of(outcomes)

    async def expire(self, keep: Retention, now: float) -> int:
        return await self._store.expire(keep, now)

    async def latest(self) -> str:
        return await self._store.latest()

    async def close(self) -> None:
        await self._store.close()

"""The job cache in Salt's shapes, for runners: `plugin_api.history.JobHistory` over a `JobStore`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from saltern.errors import UserError
from saltern.jobs.contract import JobStore
from saltern.model.jid import jid_of, jid_to_time
from saltern.model.job import Body, JobQuery, JobSummary, Outcome, OutcomeQuery, State
from saltern.salt_compat.job_shapes import job_instance, publish_load, stored_return, unknown_instance

_PAGE = 1000
_MOST_JOBS = 100_000
_MOST_BYTES = 512 << 20
"""One answer is one value in memory; what is larger is read page by page with `saltern jobs`."""

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the event loop of the store, from another thread, and gives its result."""


class StoreHistory:
    """`running` gives the jobs that run now, `{jid: {minion: pid}}`; `runners` the calls that run on the master."""

    def __init__(
        self,
        store: JobStore,
        run: Run,
        running: Callable[[], Mapping[str, Mapping[str, int]]],
        runners: Callable[[], list[dict[str, Any]]] = list,
    ) -> None:
        self._store = store
        self._run = run
        self._running = running
        self.runners = runners

    def load(self, jid: str) -> dict[str, Any]:
        return dict(self._run(self._load(jid)))

    def instance(self, jid: str) -> dict[str, Any]:
        return dict(self._run(self._instance(jid)))

    def returns(self, jid: str) -> dict[str, dict[str, Any]]:
        outcomes, bodies = self._run(self._returned(jid))
        # Decoded here, in the runner's thread: the master's loop has other things to do.
        return {
            outcome.minion: stored_return(outcome, _value(bodies[outcome.minion]))
            for outcome in outcomes
            if outcome.minion in bodies
        }

    def instances(
        self,
        *,
        functions: Sequence[str] = (),
        not_functions: Sequence[str] = (),
        targets: Sequence[str] = (),
        metadata: dict[str, Any] | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int = 0,
    ) -> dict[str, dict[str, Any]]:
        query = JobQuery(
            functions=tuple(functions),
            not_functions=tuple(not_functions),
            targets=tuple(targets),
            metadata=metadata,
            since=since,
            until=until,
        )
        found = self._run(self._newest(query, limit))
        return {summary.job.jid: job_instance(summary.job) for summary in reversed(found)}

    def active(self) -> dict[str, dict[str, Any]]:
        running = {jid: dict(minions) for jid, minions in self._running().items() if minions}
        return dict(self._run(self._active(running)))

    def end_time(self, jid: str) -> str:
        outcomes: list[Outcome] = self._run(self._outcomes(OutcomeQuery(jid=jid)))
        ends = [outcome.finished for outcome in outcomes if outcome.state.has_return and outcome.finished is not None]
        return jid_to_time(jid_of(datetime.fromtimestamp(max(ends), UTC))) if ends else ""

    # --- on the store's loop ------------------------------------------------------------------------------------

    async def _load(self, jid: str) -> dict[str, Any]:
        summary = await self._store.job(jid)
        if summary is None:
            return {}
        return {**publish_load(summary.job), "Minions": await self._minions(jid)}

    async def _instance(self, jid: str) -> dict[str, Any]:
        summary = await self._store.job(jid)
        if summary is None:
            return unknown_instance(jid)
        return {**job_instance(summary.job), "Minions": await self._minions(jid)}

    async def _minions(self, jid: str) -> list[str]:
        return sorted(outcome.minion for outcome in await self._outcomes(OutcomeQuery(jid=jid)))

    async def _returned(self, jid: str) -> tuple[list[Outcome], dict[str, Body]]:
        outcomes = [outcome for outcome in await self._outcomes(OutcomeQuery(jid=jid)) if outcome.state.final]
        size = sum(outcome.size for outcome in outcomes)
        if size > _MOST_BYTES:
            raise UserError(
                f"The returns of job {jid} are {size >> 20} MiB, too much for one answer",
                hint=f"saltern jobs show {jid} reads them one by one",
            )
        return outcomes, await self._store.bodies(jid, [outcome.minion for outcome in outcomes])

    async def _outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        """All outcomes of a job, each as it stands at last: one that changes between two pages comes again."""
        found: dict[str, Outcome] = {}
        while page := await self._store.outcomes(query):
            found.update((outcome.minion, outcome) for outcome in page)
            query = msgspec.structs.replace(query, after=page[-1].seq)
        return list(found.values())

    async def _newest(self, query: JobQuery, limit: int) -> list[JobSummary]:
        found: list[JobSummary] = []
        most = limit or _MOST_JOBS + 1
        while len(found) < most:
            wanted = min(_PAGE, most - len(found))
            page = await self._store.jobs(msgspec.structs.replace(query, limit=wanted))
            found += page
            if len(page) < wanted:
                break
            query = msgspec.structs.replace(query, before=page[-1].job.jid)
        if len(found) > _MOST_JOBS and not limit:
            raise UserError(
                f"More than {_MOST_JOBS} jobs fit, too many for one answer",
                hint="narrow it down by start_time, search_function or search_target, or page with saltern jobs list",
            )
        return found

    async def _active(self, running: dict[str, dict[str, int]]) -> dict[str, dict[str, Any]]:
        answers = await asyncio.gather(*(self._active_job(jid, minions) for jid, minions in sorted(running.items())))
        return {jid: instance for jid, instance in zip(sorted(running), answers, strict=True) if instance}

    async def _active_job(self, jid: str, minions: dict[str, int]) -> dict[str, Any]:
        summary = await self._store.job(jid)
        if summary is None:
            return {}
        outcomes = await self._outcomes(OutcomeQuery(jid=jid, states=(State.RETURNED, State.FAILED)))
        returned = sorted(outcome.minion for outcome in outcomes)
        still = [{minion: pid} for minion, pid in sorted(minions.items()) if minion not in set(returned)]
        return {**job_instance(summary.job), "Running": still, "Returned": returned} if still else {}


def _value(body: Body) -> Any:
    data = body.path.read_bytes() if body.path is not None else body.data
    return msgspec.msgpack.decode(data) if data else None

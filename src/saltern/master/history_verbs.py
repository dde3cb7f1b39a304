"""The operator's verbs that read much of the history at once: a stream of pages, each gone when the next one comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from saltern.access.caller import Caller
from saltern.client import contract
from saltern.jobs.walking import Walk, whole
from saltern.master.job_verbs import LIST_JOBS, job_there, see_job, shown
from saltern.master.publishing import is_own
from saltern.master.verb_services import Answer, Answers, VerbServices, end, read_query
from saltern.model.job import JobQuery, JobSummary

_ITEMS = 500
_BYTES = 4 << 20
"""So much goes in one answer."""
_MINIONS_AT_ONCE = 200


async def bodies(do: VerbServices, caller: Caller, request: contract.ReadBodies) -> Answers:
    await see_job(do, caller, request.jid)
    async for answer in _pages(_bodies(do, request)):
        yield answer
    yield end()


async def _bodies(do: VerbServices, request: contract.ReadBodies) -> AsyncIterator[tuple[Answer, int]]:
    for at in range(0, len(request.minions), _MINIONS_AT_ONCE):
        found = await do.store.bodies(request.jid, request.minions[at : at + _MINIONS_AT_ONCE])
        for minion, body in found.items():
            data = await whole(body) if body.size <= request.inline else None
            yield {"minion": minion, "body": data}, len(data or b"")


async def history(do: VerbServices, caller: Caller, request: contract.ReadHistory) -> Answers:
    jobs = await _chosen(do, caller, request)
    async for answer in _pages(_history(do, jobs, request)):
        yield answer
    yield end()


async def _chosen(do: VerbServices, caller: Caller, request: contract.ReadHistory) -> AsyncIterator[JobSummary]:
    walk = Walk(do.store)
    if request.jids:
        for jid in request.jids:
            await see_job(do, caller, jid)
            await job_there(do, jid)
        return walk.named(request.jids)
    query = read_query(request.query, JobQuery)
    if do.door.may_look(caller, LIST_JOBS):
        return walk.jobs(query)
    own = walk.jobs(msgspec.structs.replace(query, users=(caller.user,)))
    return (summary async for summary in own if is_own(caller, summary.job))


async def _history(
    do: VerbServices, jobs: AsyncIterator[JobSummary], request: contract.ReadHistory
) -> AsyncIterator[tuple[Answer, int]]:
    walk = Walk(do.store)
    jid = ""
    async for summary, outcome, body in walk.bodies(walk.outcomes(jobs, minion=request.minion), largest=request.inline):
        if summary.job.jid != jid:
            jid = summary.job.jid
            yield {"job": shown(summary.job), "counts": summary.counts}, 0
        data = await whole(body) if body is not None else None
        yield {"outcome": outcome, "body": data}, len(data or b"")


async def _pages(items: AsyncIterator[tuple[Answer, int]]) -> AsyncGenerator[Answer, None]:
    """Items, each with its bytes, as answers of bounded size."""
    page: list[Answer] = []
    room = _BYTES
    async for item, size in items:
        if page and (len(page) == _ITEMS or size > room):
            yield {"kind": "items", "items": page}
            page, room = [], _BYTES
        page.append(item)
        room -= size
    if page:
        yield {"kind": "items", "items": page}

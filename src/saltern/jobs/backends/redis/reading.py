"""Questions about jobs in Redis: sorted sets lead to jobs, whose outcomes lie together."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from saltern.jobs.matching import concerns, describes
from saltern.jobs.rows import ENDS, NUMBER, OPEN, STATES, counts_in, outcome_of
from saltern.jobs.server.spool import Spool
from saltern.jobs.transition import microseconds
from saltern.model.job import Body, Job, JobQuery, JobSummary, Outcome, OutcomeQuery

T = TypeVar("T")

_PAGE = 500
_JOBS_AT_ONCE = 50
_COUNTS = [str(number) for number in range(len(STATES))]
_LOAD = msgspec.msgpack.Decoder(Job)


class Questions:
    """`client` is a `redis.asyncio.Redis`; every key begins with `prefix`."""

    def __init__(self, client: Any, prefix: bytes, spool: Spool) -> None:
        self._client = client
        self._prefix = prefix
        self._spool = spool

    async def job(self, jid: str) -> JobSummary | None:
        (found,) = await self._summaries([jid.encode()])
        return found

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        if query.since is None:
            return await self._listed(query, b"-")
        # Jids follow the time: no need to go down to the end of the history. The few that do not come last.
        jids = await self._client.zrangebyscore(self._key("created"), query.since, "+inf", start=0, num=1)
        if not jids:
            return []
        found = await self._listed(query, b"[" + jids[0])
        if len(found) < query.limit:
            made = await self._client.zrangebyscore(self._key("created"), query.since, "+inf")
            strays = sorted((jid for jid in made if jid < jids[0]), reverse=True)
            if query.minion and strays:
                own = set(await self._client.zrange(self._key("minion:", query.minion.encode()), 0, -1))
                strays = [jid for jid in strays if jid in own]
            found += await self._fitting(strays, query)
        return found[: max(query.limit, 0)]

    async def _listed(self, query: JobQuery, lowest: bytes) -> list[JobSummary]:
        found: list[JobSummary] = []
        jids = self._key("minion:", query.minion.encode()) if query.minion else self._key("jids")
        before, size = b"(" + query.before.encode() if query.before else b"+", min(query.limit, _PAGE)
        while len(found) < query.limit:
            page = await self._client.zrange(jids, before, lowest, desc=True, bylex=True, offset=0, num=size)
            found += await self._fitting(page, query)
            if len(page) < size:
                break
            before, size = b"(" + page[-1], _PAGE
        return found[: max(query.limit, 0)]

    async def _fitting(self, jids: Sequence[bytes], query: JobQuery) -> list[JobSummary]:
        summaries = await self._summaries(jids)
        fitting = [one for one in summaries if one is not None and describes(query, one.job)]
        return [one for one in fitting if await self._concerns(one, query)]

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        # Read before the rows: of what changes meanwhile, all that is above it comes with the next question.
        top = int(await self._client.hget(self._key("meta"), "seq") or 0)
        found: list[Outcome] = []
        for some in _portions(await self._candidates(query), _JOBS_AT_ONCE):
            for jid, rows in zip(some, await self._rows(some, query.minion), strict=True):
                found += [each for each in rows_of(jid, rows) if each.seq <= top and concerns(query, each)]
        return heapq.nsmallest(max(query.limit, 0), found, key=lambda outcome: outcome.seq)

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        if not minions:
            return {}
        names = list(dict.fromkeys(minions))
        values = await self._client.hmget(self._key("bodies:", jid.encode()), [name.encode() for name in names])
        return {name: await self._body(value) for name, value in zip(names, values, strict=True) if value is not None}

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        found: list[Body | None] = []
        for some in _portions(outcomes, _PAGE):
            async with self._client.pipeline(transaction=False) as pipe:
                # First the body: when it is another one by then, so is the row that is read after it.
                for kind in ("bodies:", "outcomes:"):
                    for each in some:
                        pipe.hget(self._key(kind, each.jid.encode()), each.minion.encode())
                answers = await pipe.execute()
            bodies, rows = answers[: len(some)], answers[len(some) :]
            for outcome, value, row in zip(some, bodies, rows, strict=True):
                same = value is not None and row is not None and int(row.split(b"|", 2)[1]) == outcome.seq
                found.append(await self._body(value) if same else None)
        return found

    async def latest(self) -> str:
        newest = await self._client.zrange(self._key("jids"), b"+", b"-", desc=True, bylex=True, offset=0, num=1)
        return newest[0].decode() if newest else ""

    def _key(self, kind: str, name: bytes = b"") -> bytes:
        return self._prefix + kind.encode() + name

    async def _summaries(self, jids: Sequence[bytes]) -> list[JobSummary | None]:
        async with self._client.pipeline(transaction=False) as pipe:
            for jid in jids:
                pipe.hmget(self._key("job:", jid), ["load", *_COUNTS])
            return [_summary(row) for row in await pipe.execute()]

    async def _concerns(self, summary: JobSummary, query: JobQuery) -> bool:
        if not query.states:
            return True
        if not query.minion:
            return any(summary.counts.get(str(state)) for state in query.states)
        row = await self._client.hget(self._key("outcomes:", summary.job.jid.encode()), query.minion.encode())
        return row is not None and int(row.split(b"|", 1)[0]) in {NUMBER[state] for state in query.states}

    async def _candidates(self, query: OutcomeQuery) -> list[bytes]:
        """The jids in which outcomes may fit."""
        if query.jid or query.jids:
            return [jid.encode() for jid in ((query.jid,) if query.jid else dict.fromkeys(query.jids))]
        if query.minion:
            return list(await self._client.zrange(self._key("minion:", query.minion.encode()), 0, -1))
        wanted = {NUMBER[state] for state in query.states}
        if wanted and wanted <= OPEN:
            return list(await self._client.zrange(self._key("open"), 0, -1))
        if wanted and wanted <= ENDS:
            return await self._ended(query)
        return list(await self._client.zrangebyscore(self._key("touched"), f"({query.after}", "+inf"))

    async def _ended(self, query: OutcomeQuery) -> list[bytes]:
        since = microseconds(query.since) if query.since is not None else 0
        found = await self._client.zrangebyscore(self._key("ended"), since, "+inf")
        # Those that were written before the moment was kept.
        return [*found, *(await self._client.zrangebyscore(self._key("ended"), 0, 0) if since else ())]

    async def _rows(self, jids: Sequence[bytes], minion: str) -> list[dict[bytes, bytes]]:
        async with self._client.pipeline(transaction=False) as pipe:
            for jid in jids:
                if minion:
                    pipe.hget(self._key("outcomes:", jid), minion.encode())
                else:
                    pipe.hgetall(self._key("outcomes:", jid))
            rows = await pipe.execute()
        if minion:
            return [{minion.encode(): row} if row is not None else {} for row in rows]
        return list(rows)

    async def _body(self, value: bytes) -> Body:
        if value[:1] == b"0":
            return Body(data=value[1:], size=len(value) - 1)
        return await self._spool.save(self._pieces(value[1:]))

    async def _pieces(self, name: bytes) -> AsyncIterator[bytes]:
        part = 0
        while (piece := await self._client.lindex(self._key("body:", name), part)) is not None:
            yield piece
            part += 1


def rows_of(jid: bytes, rows: dict[bytes, bytes]) -> Iterator[Outcome]:
    text = jid.decode()
    for minion, row in rows.items():
        state, seq, changed, started, retcode, success, size, note = row.split(b"|", 7)
        yield outcome_of(
            text,
            minion.decode(),
            int(state),
            int(seq),
            int(changed),
            int(started) if started else None,
            int(retcode) if retcode else None,
            int(success) if success else None,
            int(size),
            note,
        )


def _summary(row: Sequence[bytes | None]) -> JobSummary | None:
    load, *counts = row
    if load is None:
        return None
    return JobSummary(job=_LOAD.decode(load), counts=dict(counts_in([int(count or 0) for count in counts])))


def _portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]

"""Following a job: the record is read by cursor, and events only wake the reader up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec

from saltern.client.contract import Follow, ReadBody
from saltern.errors import JobNotFound, NotFound
from saltern.fleet.registry import Fleet
from saltern.jobs.contract import JobStore
from saltern.jobs.walking import whole
from saltern.master.live import OPEN, LiveJob, LiveJobs, heard
from saltern.master.progress import ProgressHub, Watcher
from saltern.master.recent import RecentBodies
from saltern.model.job import Job, Outcome, OutcomeQuery, State

_PAGE = 1_000
_LOOK = 1.0
"""Seconds after which the record is read again without having been woken, and minions are looked at again."""
_PIECE = 1 << 20
_SLICE = 4 << 20
"""Bytes of bodies that are read at once."""

Answer = dict[str, Any]


class Following:
    """Answers `Follow` and `ReadBody`."""

    def __init__(
        self, store: JobStore, live: LiveJobs, recent: RecentBodies, progress: ProgressHub, fleet: Fleet, master: str
    ) -> None:
        self._master = master
        self._store = store
        self._live = live
        self._recent = recent
        self._progress = progress
        self._fleet = fleet

    async def follow(self, request: Follow) -> AsyncGenerator[Answer, None]:
        """See `client.contract.Follow`."""
        summary = await self._store.job(request.jid)
        if summary is None:
            raise JobNotFound(f"no job {request.jid} in the job cache", hint="saltern jobs list shows what is there")
        with self._live.listening(request.jid) as news:
            watcher = self._progress.watch(request.jid, news) if request.progress else None
            try:
                async with contextlib.aclosing(self._items(request, summary.job, news, watcher)) as items:
                    async for answer in items:
                        yield answer
            finally:
                if watcher is not None:
                    self._progress.unwatch(request.jid, watcher)

    async def body(self, request: ReadBody) -> AsyncGenerator[Answer, None]:
        """See `client.contract.ReadBody`."""
        body = await self._store.body(request.jid, request.minion)
        if body is None:
            raise NotFound(f"no return of {request.minion} for job {request.jid} in the job cache")
        if body.data is not None:
            yield {"kind": "item", "data": body.data}
        elif body.path is not None:
            async for piece in _pieces_of(body.path):
                yield {"kind": "item", "data": piece}
        yield {"kind": "end", "size": body.size}

    # --- steps --------------------------------------------------------------------------------------------------

    async def _items(
        self, request: Follow, job: Job, news: asyncio.Event, watcher: Watcher | None
    ) -> AsyncGenerator[Answer, None]:
        cursor, deadline, looked = request.after, time.monotonic() + request.wait, 0.0
        while True:
            # Before anything is looked at: what comes meanwhile is not waited for then.
            news.clear()
            is_over = await self._is_over(job)
            for answer in self._pieces(watcher):
                yield answer
            page = await self._store.outcomes(OutcomeQuery(jid=request.jid, after=cursor, limit=_PAGE))
            for slice_ in _slices(page) if request.bodies else [page]:
                bodies = await self._small_bodies(request, slice_)
                items = [_item(one, bodies.get(one.minion), with_body=request.bodies) for one in slice_]
                yield {"kind": "items", "items": items}
            if page:
                cursor = page[-1].seq
                continue
            if is_over:
                break
            now = time.monotonic()
            if now > min(looked + _LOOK, deadline):
                looked = now
                if await self._is_worked_on(job):
                    deadline = now + request.wait
                elif now > deadline:
                    break
            await heard(news, min(_LOOK, max(0.01, deadline - now)) if now < deadline else _LOOK)
        yield await self._end(job, cursor)

    @staticmethod
    def _pieces(watcher: Watcher | None) -> list[Answer]:
        if watcher is None:
            return []
        pieces, missed = watcher.take()
        answers: list[Answer] = [{"kind": "item", "progress": msgspec.structs.asdict(piece)} for piece in pieces]
        if missed:
            note = {"minion": "", "stream": "missed", "number": missed, "data": b""}
            answers.insert(0, {"kind": "item", "progress": note})
        return answers

    async def _small_bodies(self, request: Follow, page: list[Outcome]) -> dict[str, bytes]:
        """The bodies of a page's returns that are small enough to go with them; the store is asked once for all."""
        if not request.bodies:
            return {}
        found: dict[str, bytes] = {}
        missing = []
        for outcome in page:
            recent = self._recent.get(outcome.jid, outcome.minion)
            if recent is not None and len(recent) <= request.inline:
                found[outcome.minion] = recent
            elif 0 < outcome.size <= request.inline:
                missing.append(outcome.minion)
        stored = await self._store.bodies(request.jid, missing) if missing else {}
        for minion, body in stored.items():
            found[minion] = await whole(body)
        return found

    async def _is_over(self, job: Job) -> bool:
        if job.master not in ("", self._master):
            return not await self._pending_elsewhere(job.jid)
        return self._live.get(job.jid) is None

    async def _is_worked_on(self, job: Job) -> bool:
        """Whether a minion works on it, or waits for its turn."""
        live = None if job.master not in ("", self._master) else self._live.get(job.jid)
        if live is None:
            return not {"running", "held"}.isdisjoint((await self._pending(job)).values())
        return bool(live.held) or any(
            state is State.RUNNING and self._fleet.is_connected(minion) for minion, state in live.open.items()
        )

    async def _pending(self, job: Job) -> dict[str, str]:
        """Why each open outcome is still open."""
        if job.master not in ("", self._master):
            return await self._pending_elsewhere(job.jid)
        live = self._live.get(job.jid)
        if live is None:
            return {}
        return {minion: self._why_open(live, minion, state) for minion, state in live.open.items()}

    async def _pending_elsewhere(self, jid: str) -> dict[str, str]:
        """Of a job of another master, whose connections are not seen from here, the record tells."""
        open_ones = await self._store.outcomes(OutcomeQuery(jid=jid, states=OPEN, limit=_PAGE))
        return {each.minion: "running" if each.state is State.RUNNING else "no_answer" for each in open_ones}

    def _why_open(self, live: LiveJob, minion: str, state: State) -> str:
        if minion in live.held:
            return "held"
        if not self._fleet.is_connected(minion):
            return "not_connected"
        return "running" if state is State.RUNNING else "no_answer"

    async def _end(self, job: Job, cursor: int) -> Answer:
        summary = await self._store.job(job.jid)
        counts = summary.counts if summary is not None else {}
        return {"kind": "end", "counts": counts, "pending": await self._pending(job), "cursor": cursor}


def _slices(page: list[Outcome]) -> list[list[Outcome]]:
    """Cut where the bodies of a slice would come to more than fits into memory without notice."""
    slices: list[list[Outcome]] = []
    room = 0
    for outcome in page:
        if not slices or outcome.size > room:
            slices.append([])
            room = _SLICE
        slices[-1].append(outcome)
        room -= outcome.size
    return slices


def _item(outcome: Outcome, body: bytes | None, *, with_body: bool) -> Answer:
    item: Answer = {"outcome": outcome}
    if with_body and outcome.state.final:
        item["body"] = body
    return item


async def _pieces_of(path: Path) -> AsyncGenerator[bytes, None]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece

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
from saltern.master.live import LiveJob, LiveJobs
from saltern.master.progress import ProgressHub, Watcher
from saltern.master.recent import RecentBodies
from saltern.model.job import Body, Job, Outcome, OutcomeQuery, State

_PAGE = 1_000
_LOOK = 1.0
"""Seconds after which the record is read again without having been woken."""
_PIECE = 1 << 20
_SLICE = 4 << 20
"""Bytes of bodies that are read at once."""

Answer = dict[str, Any]


class Following:
    """Answers `Follow` and `ReadBody`."""

    def __init__(
        self, store: JobStore, live: LiveJobs, recent: RecentBodies, progress: ProgressHub, fleet: Fleet
    ) -> None:
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
        watcher = self._progress.watch(request.jid) if request.progress else None
        cursor, deadline = request.after, time.monotonic() + request.wait
        try:
            while True:
                # Before the page is read: what is over by now, the page has.
                pending = self._pending(request.jid)
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
                if not {"running", "held"}.isdisjoint(pending.values()):
                    deadline = time.monotonic() + request.wait
                elif not pending or time.monotonic() > deadline:
                    break
                await self._news(request.jid, watcher, deadline)
        finally:
            if watcher is not None:
                self._progress.unwatch(request.jid, watcher)
        yield await self._end(summary.job, cursor)

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
            found[minion] = await _whole(body)
        return found

    async def _news(self, jid: str, watcher: Watcher | None, deadline: float) -> None:
        """Return when the record or the progress may have something new."""
        seconds = min(_LOOK, max(0.01, deadline - time.monotonic())) if time.monotonic() < deadline else _LOOK
        if watcher is None:
            await self._live.wait(jid, seconds)
            return
        record = asyncio.ensure_future(self._live.wait(jid, seconds))
        progress = asyncio.ensure_future(watcher.news.wait())
        _, late = await asyncio.wait((record, progress), return_when=asyncio.FIRST_COMPLETED)
        for task in late:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _pending(self, jid: str) -> dict[str, str]:
        """Why each open outcome is still open."""
        live = self._live.get(jid)
        if live is None:
            return {}
        return {minion: self._why_open(live, minion, state) for minion, state in live.open.items()}

    def _why_open(self, live: LiveJob, minion: str, state: State) -> str:
        if minion in live.held:
            return "held"
        if not self._fleet.is_connected(minion):
            return "not_connected"
        return "running" if state is State.RUNNING else "no_answer"

    async def _end(self, job: Job, cursor: int) -> Answer:
        summary = await self._store.job(job.jid)
        counts = summary.counts if summary is not None else {}
        return {"kind": "end", "counts": counts, "pending": self._pending(job.jid), "cursor": cursor}


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


async def _whole(body: Body) -> bytes:
    if body.path is not None:
        return await asyncio.to_thread(body.path.read_bytes)
    return body.data or b""


async def _pieces_of(path: Path) -> AsyncGenerator[bytes, None]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece

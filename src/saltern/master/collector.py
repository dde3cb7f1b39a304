"""The collector: takes returns from minions, stores them in batches, and only then says "stored"."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import msgspec

from saltern.errors import JobExists, LinkClosed, ProtocolError, StoreError
from saltern.events import tags
from saltern.events.bus import EventBus, stamp_of
from saltern.jobs.contract import JobStore
from saltern.jobs.policy import is_noise
from saltern.master.announce import return_event
from saltern.master.live import LiveJobs
from saltern.master.recent import RecentBodies
from saltern.model.jid import is_jid
from saltern.model.job import Body, Change, Job, Return, State, Verdict
from saltern.transport.contract import Link
from saltern.transport.frames import ReturnFrame, Stored

log = logging.getLogger(__name__)

_decode_return = msgspec.msgpack.Decoder(Return).decode
_RETRY_PAUSE = 1.0
"""Seconds before a batch that the store did not take is tried again; the minions keep their outboxes meanwhile."""
_QUEUE_BYTES = 64 << 20
"""Bytes of bodies that may wait for the store before links are read more slowly."""
_ENDS = (State.RETURNED, State.FAILED, State.LOST, State.REFUSED, State.CANCELLED, State.TIMED_OUT)

_REFUSALS = {
    Verdict.UNKNOWN_JOB: "this master has no such job",
    Verdict.NOT_TARGETED: "the job does not concern this minion",
}


class Taken(msgspec.Struct, frozen=True):
    """A return on its way into the store. `change` has no body where returns are not kept."""

    link: Link
    key: str
    given: Return
    change: Change
    body: Body


class CollectorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`max_event` is how many bytes of a body travel inside its event; larger ones are named there by their size."""

    job_cache: bool = True
    noise: tuple[str, ...] = ()
    max_event: int = 1 << 20
    master: str = ""


class Collector:
    """Runs in the master's event loop; one batch is in the store's hands at a time, the next one fills meanwhile."""

    def __init__(
        self,
        store: JobStore,
        live: LiveJobs,
        bus: EventBus,
        recent: RecentBodies,
        options: CollectorOptions,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._live = live
        self._bus = bus
        self._recent = recent
        self._options = options
        self._now = now
        self._waiting: list[Taken] = []
        self._queued_bytes = 0
        self._paused: set[Link] = set()
        self._flushing: asyncio.Task[None] | None = None

    def add(self, link: Link, minion: str, frame: ReturnFrame, body: Body | None = None) -> None:
        """A return came in; `body` is set where it came in chunks. `ProtocolError` for one that makes no sense."""
        given = self._read(frame)
        body = body or Body(data=frame.body, size=len(frame.body))
        if body.data is not None:
            self._recent.put(frame.jid, minion, body.data)
        if given.jid == "req":
            self._in_background_create(link, minion, frame.jid, given, body)
            return
        if given.jid != frame.jid:
            raise ProtocolError("a return names two jobs")
        self._queue(Taken(link, frame.jid, given, self._change(minion, frame.jid, given, body), body))

    async def close(self) -> None:
        """Store what has come in."""
        if self._flushing is not None:
            await self._flushing

    # --- one return ---------------------------------------------------------------------------------------------

    @staticmethod
    def _read(frame: ReturnFrame) -> Return:
        if not is_jid(frame.jid):
            raise ProtocolError("a return for what is no jid")
        try:
            given = _decode_return(frame.head)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"a return that cannot be read: {error}") from error
        if given.state not in _ENDS:
            raise ProtocolError(f"a return cannot say {given.state}")
        return given

    def _change(self, minion: str, jid: str, given: Return, body: Body) -> Change:
        return Change(
            jid=jid,
            minion=minion,
            state=given.state,
            at=self._now(),
            retcode=given.worst,
            success=given.succeeded,
            out=given.out,
            reason=given.reason,
            by=given.by,
            started=given.started or None,
            body=body if self._options.job_cache else None,
        )

    def _queue(self, taken: Taken) -> None:
        self._waiting.append(taken)
        self._queued_bytes += len(taken.body.data or b"")
        if self._queued_bytes > _QUEUE_BYTES and taken.link not in self._paused:
            self._paused.add(taken.link)
            taken.link.pause()
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    # --- batches ------------------------------------------------------------------------------------------------

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            self._queued_bytes = 0
            for link in self._paused:
                link.resume()
            self._paused.clear()
            verdicts = await self._store_batch([taken.change for taken in batch])
            if verdicts is not None:
                self._answer(batch, verdicts)

    async def _store_batch(self, changes: list[Change]) -> list[Verdict] | None:
        try:
            return await self._store.record(changes)
        except StoreError as error:
            # Not confirmed, so nothing is lost: the minions send it again.
            log.error("%d returns were not stored and will be sent again: %s", len(changes), error)
            await asyncio.sleep(_RETRY_PAUSE)
            return None

    def _answer(self, batch: list[Taken], verdicts: list[Verdict]) -> None:
        stamp = stamp_of(self._now())
        stored: dict[Link, list[str]] = {}
        refused: dict[Link, dict[str, str]] = {}
        for taken, verdict in zip(batch, verdicts, strict=True):
            if verdict in _REFUSALS:
                why = _REFUSALS[verdict]
                refused.setdefault(taken.link, {})[taken.key] = why
                log.warning("return for job %s from %s refused: %s", taken.key, taken.change.minion, why)
                continue
            stored.setdefault(taken.link, []).append(taken.key)
            if verdict is Verdict.STORED:
                self._announce(taken, stamp)
        for link in stored.keys() | refused.keys():
            _send(link, Stored(stored.get(link, []), refused.get(link, {})))
        self._live.wake({taken.key for taken in batch})

    def _announce(self, taken: Taken, stamp: str) -> None:
        change = taken.change
        self._live.moved(change.jid, change.minion, change.state)
        data = return_event(change.jid, change.minion, taken.given, taken.body, self._options.max_event, stamp)
        self._bus.fire_encoded(tags.job_ret(change.jid, change.minion), data)

    # --- returns without a job of their own ---------------------------------------------------------------------

    def _in_background_create(self, link: Link, minion: str, jid: str, given: Return, body: Body) -> None:
        """`saltern call` and schedules: the return makes its job (behaviour JOB-22)."""
        if is_noise(given.fun, self._options.noise):
            _send(link, Stored([jid]))
            return
        job = Job(
            jid=jid,
            fun=given.fun,
            arg=given.fun_args,
            tgt=minion,
            tgt_type="glob",
            user=given.user,
            created=self._now(),
            metadata=given.metadata,
            master=self._options.master,
            ret=given.ret,
        )
        renamed = msgspec.structs.replace(given, jid=jid)
        taken = Taken(link, jid, renamed, self._change(minion, jid, renamed, body), body)
        asyncio.get_running_loop().create_task(self._create(job, minion, taken))

    async def _create(self, job: Job, minion: str, taken: Taken) -> None:
        try:
            await self._store.create(job, [minion])
        except JobExists:
            pass  # sent a second time, or somebody else's: `record` tells which
        except StoreError as error:
            log.error("a return of %s was not stored and will be sent again: %s", minion, error)
            return
        self._queue(taken)


def _send(link: Link, frame: Any) -> None:
    try:
        link.send(frame)
    except LinkClosed:
        log.debug("a minion left before it was told that its return is stored; it will send it again")

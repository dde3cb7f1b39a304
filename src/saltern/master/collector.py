"""The collector: takes returns from minions, stores them in batches, and only then says "stored"."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from saltern.errors import ArgumentError, JobExists, LinkClosed, ProtocolError, StoreCorrupt, StoreError
from saltern.events import tags
from saltern.events.bus import EventBus, stamp_of
from saltern.jobs.contract import JobStore
from saltern.jobs.policy import is_noise
from saltern.master.allowance import Allowance
from saltern.master.announce import return_event
from saltern.master.complaints import Complaints
from saltern.master.live import LiveJobs
from saltern.master.recent import RecentBodies
from saltern.master.recording import record_each
from saltern.model.jid import is_jid, moment_of
from saltern.model.job import UNCACHED, UNPUBLISHED, Body, Change, Job, Return, State, Verdict
from saltern.transport.codec import encode
from saltern.transport.contract import Link
from saltern.transport.frames import Refresh, ReturnFrame, Stored

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decode_return = msgspec.msgpack.Decoder(Return).decode
_RETRY_PAUSE = 1.0
"""Seconds before a batch that the store did not take is tried again; the minions keep their outboxes meanwhile."""
_ASK_AGAIN = 5.0
"""Seconds before minions are asked again for returns that could not be taken."""
_FUTURE = 86_400.0
"""Seconds by which the clock of a minion that makes a job may be ahead."""
_CREATED_AT_ONCE, _CREATED_A_SECOND = 1_000.0, 10.0
"""Jobs that one minion may make by returns without a job: what an outbox may hold after a time away, and then."""
_LONGEST_TEXT = 4_096
"""Characters of an outcome's reason, and of its other texts."""
_QUEUE_BYTES = 64 << 20
"""Bytes of bodies that may wait for the store before links are read more slowly."""
_BUSY = 50
"""Returns that wait for the next batch, from which on acknowledgements wait, too: a minion gets several in one frame,
and the processor is for the returns that operators wait for."""
_LATEST_TOLD = 0.5
"""Seconds that an acknowledgement waits at most."""
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
    """`max_event` is how many bytes of a body travel inside its event; larger ones are named there by their size.

    Values that minions sent to `ext_job_cache` themselves are not stored here.
    """

    job_cache: bool = True
    ext_job_cache: str = ""
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
        self._stored: dict[Link, list[str]] = {}
        self._refused: dict[Link, dict[str, str]] = {}
        self._told = 0.0
        self._flushing: asyncio.Task[None] | None = None
        self._creating: set[asyncio.Task[None]] = set()
        self._stuck = False
        self._postponed: set[Link] = set()
        self._closing = asyncio.Event()
        self._complaints = Complaints(log)
        self._creations = Allowance(_CREATED_AT_ONCE, _CREATED_A_SECOND)

    def add(self, link: Link, minion: str, frame: ReturnFrame, body: Body | None = None) -> None:
        """A return came in; `body` is set where it came in chunks. `ProtocolError` for one that makes no sense."""
        given = self._read(frame)
        body = body or Body(data=frame.body, size=len(frame.body))
        if given.jid == UNPUBLISHED:
            self._in_background_create(link, minion, frame.jid, given, body)
            return
        if given.jid == UNCACHED:
            self._only_tell(link, minion, frame.jid, given, body)
            return
        if given.jid != frame.jid:
            raise ProtocolError("a return names two jobs")
        self._queue(Taken(link, frame.jid, given, self._change(minion, frame.jid, given, body), body))

    def add_without_value(self, link: Link, minion: str, frame: ReturnFrame, reason: str) -> None:
        """A return came in whose value is not taken, now or ever."""
        told = _encode(f"ERROR: {reason}")
        failed = msgspec.structs.replace(
            self._read(frame), state=State.FAILED, retcode=1, success=False, out="", reason=reason
        )
        self.add(link, minion, ReturnFrame(frame.jid, _encode(failed), told, 0, len(told)))

    def postpone(self, link: Link) -> None:
        """A return could not be taken now: the minion keeps it, and is asked for it in a while."""
        if not self._postponed and not self._stuck:
            asyncio.get_running_loop().call_later(_ASK_AGAIN, self._ask_again)
        self._postponed.add(link)

    async def close(self) -> None:
        """Store what has come in."""
        self._closing.set()
        if self._flushing is not None:
            await self._flushing

    # --- one return ---------------------------------------------------------------------------------------------

    def _read(self, frame: ReturnFrame) -> Return:
        if self._live.get(frame.jid) is None and not is_jid(frame.jid):
            raise ProtocolError("a return for what is no jid")
        try:
            given = _decode_return(frame.head)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"a return that cannot be read: {error}") from error
        if given.state not in _ENDS:
            raise ProtocolError(f"a return cannot say {given.state}")
        return given

    def _change(self, minion: str, jid: str, given: Return, body: Body) -> Change:
        keeps = self._keeps(given)
        return Change(
            jid=jid,
            minion=minion,
            state=given.state,
            at=self._now(),
            retcode=given.worst,
            success=given.succeeded,
            out=given.out[:_LONGEST_TEXT],
            reason=given.reason[:_LONGEST_TEXT],
            by=given.by[:_LONGEST_TEXT],
            started=given.started or None,
            body=body if keeps else None,
            elsewhere=0 if keeps else body.size,
        )

    def _keeps(self, given: Return) -> bool:
        elsewhere = self._options.ext_job_cache
        return self._options.job_cache and not (elsewhere and elsewhere in given.ret.split(","))

    def _queue(self, taken: Taken) -> None:
        if self._stuck:
            _throw_away(taken.body)
            self.postpone(taken.link)
            return
        self._waiting.append(taken)
        self._queued_bytes += len(taken.body.data or b"")
        if self._queued_bytes > _QUEUE_BYTES:
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
            await self._store_batch(batch)
            if len(self._waiting) < _BUSY or time.monotonic() > self._told + _LATEST_TOLD:
                self._acknowledge()

    async def _store_batch(self, batch: list[Taken]) -> None:
        changes = [taken.change for taken in batch]
        try:
            verdicts = await record_each(self._store, changes)
        except StoreError as error:
            log.error("%d returns cannot be stored now: %s", len(changes), error)
            await self._keep_trying(batch, changes)
        else:
            self._answer(batch, verdicts)

    async def _keep_trying(self, batch: list[Taken], changes: list[Change]) -> None:
        """One batch stays here until it is stored; what comes meanwhile stays with the minions, which are asked then.

        Nothing was confirmed, so nothing is lost when the master ends before.
        """
        self._stuck = True
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _RETRY_PAUSE)
            try:
                verdicts = await record_each(self._store, changes)
            except StoreError as error:
                log.debug("still not stored: %s", error)
                continue
            self._stuck = False
            log.warning("returns are stored again")
            self._answer(batch, verdicts)
            self._ask_again()
            return

    def _ask_again(self) -> None:
        if self._stuck:
            return
        links, self._postponed = self._postponed, set()
        for link in links:
            _send(link, Refresh("returns"))

    def _answer(self, batch: list[Taken], verdicts: Sequence[Verdict | StoreCorrupt]) -> None:
        stamp = stamp_of(self._now())
        for taken, verdict in zip(batch, verdicts, strict=True):
            if taken.change.body is None or isinstance(verdict, StoreCorrupt):
                _throw_away(taken.body)  # else the store has taken it over
            if why := _why_refused(verdict):
                self._refused.setdefault(taken.link, {})[taken.key] = why
                self._complaints.about(taken.change.minion, "its return is refused", f"job {taken.key}: {why}")
                continue
            self._stored.setdefault(taken.link, []).append(taken.key)
            # One that was stored when nobody could say so is news as well.
            unheard = verdict is Verdict.REPEAT and self._live.is_open(taken.change.jid, taken.change.minion)
            if verdict is Verdict.STORED or unheard:
                self._announce(taken, stamp)
        self._live.wake({taken.key for taken in batch})

    def _acknowledge(self) -> None:
        """Tell minions what became of their returns."""
        stored, self._stored = self._stored, {}
        refused, self._refused = self._refused, {}
        alike: dict[tuple[str, ...], bytes] = {}
        for link, jids in stored.items():
            if link in refused:
                continue
            key = tuple(jids)  # a job of many minions: one encoding serves them all
            if key not in alike:
                alike[key] = encode(Stored(jids))
            _send_encoded(link, alike[key])
        for link, reasons in refused.items():
            _send(link, Stored(stored.get(link, []), reasons))
        self._told = time.monotonic()

    def _announce(self, taken: Taken, stamp: str) -> None:
        change, body = taken.change, taken.body
        self._live.moved(change.jid, change.minion, change.state)
        if body.data is not None:
            self._recent.put(change.jid, change.minion, body.data)
        self._tell(change.jid, change.minion, taken.given, body, stamp)

    def _tell(self, jid: str, minion: str, given: Return, body: Body, stamp: str) -> None:
        data = return_event(jid, minion, given, body, self._options.max_event, stamp)
        try:
            self._bus.fire_encoded(tags.job_ret(jid, minion), data)
        except ArgumentError as error:
            log.warning("no event of a return: %s", error)

    # --- returns without a job of their own ---------------------------------------------------------------------

    def _only_tell(self, link: Link, minion: str, jid: str, given: Return, body: Body) -> None:
        """A return that its minion does not want to be kept is an event (behaviour JOB-22)."""
        if self._creations.take(minion):
            self._tell(jid, minion, given, body, stamp_of(self._now()))
            _throw_away(body)
            _send(link, Stored([jid]))
        else:
            _throw_away(body)
            self.postpone(link)

    def _in_background_create(self, link: Link, minion: str, jid: str, given: Return, body: Body) -> None:
        """`saltern call` and schedules: the return makes its job (behaviour JOB-22)."""
        if is_noise(given.fun, self._options.noise):
            _throw_away(body)
            _send(link, Stored([jid]))
            return
        if why := self._why_not_created(jid):
            self._complaints.about(minion, "its own job is refused", f"{jid}: {why}")
            _throw_away(body)
            _send(link, Stored([], {jid: why}))
            return
        if not self._creations.take(minion):
            self._complaints.about(minion, "it makes too many jobs", "their returns are asked for later")
            _throw_away(body)
            self.postpone(link)
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
        task = asyncio.get_running_loop().create_task(self._create(job, minion, taken))
        self._creating.add(task)
        task.add_done_callback(self._creating.discard)

    async def _create(self, job: Job, minion: str, taken: Taken) -> None:
        try:
            await self._store.create(job, [minion])
        except JobExists:
            pass  # sent a second time, or somebody else's: `record` tells which
        except StoreError as error:
            log.error("a return of %s cannot be stored now: %s", minion, error)
            _throw_away(taken.body)
            self.postpone(taken.link)
            return
        self._queue(taken)

    def _why_not_created(self, jid: str) -> str:
        """Why a minion may not make a job of this id; an empty text when it may."""
        if "_" not in jid:
            return "a job id without an ending is the master's to give"
        moment = moment_of(jid)
        if moment is None or moment.timestamp() > self._now() + _FUTURE:
            # All later jids would have to be above it.
            return "its job id is not of this time; look at the minion's clock"
        return ""


def _why_refused(verdict: Verdict | StoreCorrupt) -> str:
    return verdict.message if isinstance(verdict, StoreCorrupt) else _REFUSALS.get(verdict, "")


def _throw_away(body: Body) -> None:
    if body.path is not None:
        body.path.unlink(missing_ok=True)


def _send(link: Link, frame: Any) -> None:
    _send_encoded(link, encode(frame))


def _send_encoded(link: Link, data: bytes) -> None:
    try:
        link.send_encoded(data)
    except LinkClosed:
        log.debug("a minion left before it was told that its return is stored; it will send it again")

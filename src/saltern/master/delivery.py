"""Delivery: from a job's row to the minions concerned, also those that come back later."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from saltern.errors import LinkClosed, SalternError, StoreCorrupt
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.jobs.contract import JobStore
from saltern.master.announce import new_event
from saltern.master.connections import Connections
from saltern.master.live import LiveJob, LiveJobs, open_outcomes
from saltern.master.publication import job_frame
from saltern.master.recording import record_each
from saltern.model.jid import is_jid
from saltern.model.job import Change, Job, OutcomeQuery, State, Verdict
from saltern.transport.codec import encode
from saltern.transport.frames import Cancel, Hello

log = logging.getLogger(__name__)

_SENT_AFTER = 1.0
"""Seconds after which an outcome that has not moved is written down as `sent`; most have returned by then."""
_CHECKED = 1_000
"""Jobs of a minion that came back about which the job cache is asked."""

NOT_CONNECTED = "not connected"
_UNDELIVERED = "the connection ended before the minion took the job"
_TOO_LATE = "not delivered in time"
_LOST = "the minion took the job and does not know it any more"
_GONE = "the minion took the job and has not been seen since"


class Delivery:
    """Runs in the master's event loop. `lost_after`: seconds that a minion may be away with a job in work.

    A store may be shared with other masters: those whose jobs are not of `master` look after them.
    """

    def __init__(
        self,
        store: JobStore,
        live: LiveJobs,
        connections: Connections,
        bus: EventBus,
        lost_after: float,
        now: Callable[[], float] = time.time,
        *,
        master: str = "",
    ) -> None:
        self._master = master
        self._store = store
        self._live = live
        self._connections = connections
        self._bus = bus
        self._lost_after = lost_after
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._away_since: dict[str, float] = {}
        self._unwritten: list[Change] = []
        self._closed = False

    async def publish(self, job: Job, minions: Sequence[str], *, follow: bool = False, held: bool = False) -> list[str]:
        """Write the job down, tell everybody, push it; the ids of minions that are not connected.

        `held`: nothing is pushed but what `release` lets go.
        """
        await self._store.create(job, minions)
        frame = encode(job_frame(job, follow=follow))
        self._live.add(LiveJob(job, frame, minions, follow=follow, held=held))
        self._bus.fire(tags.job_new(job.jid), new_event(job, minions))
        if held:
            return [minion for minion in minions if minion not in self._connections]
        away = [minion for minion in minions if not self._push(minion, frame)]
        if away and job.deliver_until is None:
            await self._settle_or_log([self._change(job.jid, minion, State.EXPIRED, NOT_CONNECTED) for minion in away])
        asyncio.get_running_loop().call_later(_SENT_AFTER, self._note_sent, job.jid)
        return away

    async def release(self, live: LiveJob, minions: Sequence[str]) -> None:
        """Let minions that were held have the job, each if it is still here.

        They are written down as `sent` before anything is pushed: after a restart those that are `queued` still wait
        for their turn.
        """
        await self.settle([self._change(live.job.jid, minion, State.SENT) for minion in minions])
        for minion in minions:
            live.held.pop(minion, None)
        lost = [minion for minion in minions if minion in live.open and not self._push(minion, live.frame)]
        await self.expire(live.job.jid, [minion for minion in lost if not self._due(live.job)])

    async def expire(self, jid: str, minions: Sequence[str]) -> None:
        """Give up on minions that are not connected."""
        await self.settle([self._change(jid, minion, State.EXPIRED, NOT_CONNECTED) for minion in minions])

    async def call_off(self, live: LiveJob, minions: Sequence[str], reason: str, by: str) -> None:
        """Cancel the job where it has not begun."""
        await self.settle([self._change(live.job.jid, minion, State.CANCELLED, reason, by) for minion in minions])

    def is_here(self, minion: str) -> bool:
        return minion in self._connections

    def is_gone(self, job: Job, minion: str) -> bool:
        """Whether nothing more is to be expected of a minion: away for more than a moment, and the job is not due."""
        if minion in self._connections or self._due(job):
            return False
        now = time.monotonic()
        return now - self._away_since.setdefault(minion, now) >= _SENT_AFTER

    async def settle(self, changes: list[Change]) -> None:
        """Write down changes that the master itself decides, and tell who follows."""
        if not changes:
            return
        for change, verdict in zip(changes, await record_each(self._store, changes), strict=True):
            if isinstance(verdict, StoreCorrupt):
                log.error("job %s on %s cannot become %s: %s", change.jid, change.minion, change.state, verdict)
                self._live.moved(change.jid, change.minion, State.LOST)
            elif verdict is Verdict.STORED:
                self._live.moved(change.jid, change.minion, change.state)
        self._live.wake({change.jid for change in changes})

    async def close(self) -> None:
        """Decide nothing more: connections that end from now on end because this master stops."""
        self._closed = True
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- a minion comes and goes --------------------------------------------------------------------------------

    def greeted(self, minion: str, hello: Hello) -> None:
        """A minion is here: give it what is due, and learn what became of what it had."""
        self._away_since.pop(minion, None)
        changes = []
        waiting, over = set(hello.outbox), dict(hello.running)
        for live in self._live.of_minion(minion):
            jid = live.job.jid
            over.pop(jid, None)
            if jid in waiting or minion in live.held:
                continue
            if jid in hello.running:
                if live.open[minion] is not State.RUNNING:
                    changes.append(self._change(jid, minion, State.RUNNING))
            elif live.open[minion] is State.RUNNING:
                changes.append(self._change(jid, minion, State.LOST, _LOST))
            elif self._due(live.job) or live.in_turns:
                self._push(minion, live.frame)
            else:
                changes.append(self._change(jid, minion, State.EXPIRED, _UNDELIVERED))
        self._settle_soon(changes)
        if over:
            self._in_background(self._cancel_what_goes_on(minion, [jid for jid in over if is_jid(jid)][:_CHECKED]))

    def left(self, minion: str) -> None:
        """A minion's connection ended: what it had not taken, and is not due later, will not be delivered."""
        self._away_since[minion] = time.monotonic()
        jobs = [
            live
            for live in self._live.of_minion(minion)
            if live.open[minion] is not State.RUNNING and minion not in live.held
        ]
        self._settle_soon(
            [
                self._change(live.job.jid, minion, State.EXPIRED, _UNDELIVERED)
                for live in jobs
                if not self._due(live.job)
            ]
        )

    def acknowledged(self, minion: str, jid: str) -> None:
        live = self._live.get(jid)
        if live is not None and live.open.get(minion) in (State.QUEUED, State.SENT):
            live.open[minion] = State.RUNNING
            self._settle_soon([self._change(jid, minion, State.RUNNING)])
            if live.job.kwargs.get("start_event"):
                self._bus.fire(tags.job_start(jid, minion), {"id": minion, "jid": jid, "fun": live.job.fun})

    def works_on(self, minion: str, jid: str) -> bool:
        """Whether a job is under way on a minion, as far as this master knows."""
        live = self._live.get(jid)
        return live is not None and minion in live.open

    # --- the clock ----------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """End what is no longer due, and what minions that have gone took with them."""
        changes, self._unwritten = self._unwritten, []
        for live in self._live.all():
            for minion, state in live.open.items():
                if minion not in self._connections and not self._has_time(live, minion):
                    changes += self._overdue(live.job, minion, state)
        await self._settle_or_log(changes)

    def _has_time(self, live: LiveJob, minion: str) -> bool:
        """Whether a minion may be away because its turn in the batch has not come."""
        return minion in live.held and (live.job.deliver_until is None or self._due(live.job))

    def _overdue(self, job: Job, minion: str, state: State) -> list[Change]:
        now = time.monotonic()
        away = now - self._away_since.setdefault(minion, now)
        if state is State.RUNNING:
            return [self._change(job.jid, minion, State.LOST, _GONE)] if away > self._lost_after else []
        # A minion that comes back within moments still says what it took.
        if self._due(job) or away < _SENT_AFTER:
            return []
        return [self._change(job.jid, minion, State.EXPIRED, _TOO_LATE)]

    async def restore(self) -> None:
        """After a start: take up the open outcomes of the store."""
        for jid, states in (await open_outcomes(self._store)).items():
            summary = await self._store.job(jid)
            if summary is None or self._is_anothers(summary.job):
                continue
            live = LiveJob(summary.job, encode(job_frame(summary.job)), ())
            live.open.update(states)
            self._live.add(live)
            # A reconnect after a master's start may take a moment, and brings the truth with it.
            self._away_since.update(dict.fromkeys(states, time.monotonic() + _RETURN_GRACE))

    def _is_anothers(self, job: Job) -> bool:
        return bool(self._master and job.master) and job.master != self._master

    # --- cancelling ---------------------------------------------------------------------------------------------

    async def cancel(self, jid: str, minions: Sequence[str], by: str) -> list[tuple[str, str]]:
        """Cancel open outcomes: of a job, of minions, or both; (jid, minion) of each.

        A minion at work is told, and its answer makes the outcome `cancelled`; where nothing was taken yet that
        happens at once.
        """
        changes, told = [], []
        for live in self._live.all():
            if jid and live.job.jid != jid:
                continue
            for minion, state in live.open.items():
                if minions and minion not in minions:
                    continue
                told.append((live.job.jid, minion))
                heard = self._tell_to_cancel(minion, live.job.jid, by)
                if state is not State.RUNNING or not heard:
                    changes.append(self._change(live.job.jid, minion, State.CANCELLED, "cancelled", by))
        await self.settle(changes)
        return told

    def _tell_to_cancel(self, minion: str, jid: str, by: str) -> bool:
        link = self._connections.get(minion)
        if link is None:
            return False
        try:
            link.send(Cancel(jid, by, self._now()))
        except LinkClosed:
            return False
        return True

    async def _cancel_what_goes_on(self, minion: str, jids: Sequence[str]) -> None:
        """A minion came back with jobs that are over: those that were cancelled while it was away end there, too."""
        for jid in jids:
            cancelled = await self._store.outcomes(OutcomeQuery(jid=jid, minion=minion, states=(State.CANCELLED,)))
            for outcome in cancelled:
                self._tell_to_cancel(minion, jid, outcome.by)

    # --- helpers ------------------------------------------------------------------------------------------------

    def _push(self, minion: str, frame: bytes) -> bool:
        link = self._connections.get(minion)
        if link is None:
            return False
        try:
            link.send_encoded(frame)
        except SalternError as error:
            log.info("job not pushed to %s: %s", minion, error)
            return False
        return True

    def _due(self, job: Job) -> bool:
        return job.deliver_until is not None and self._now() < job.deliver_until

    def _note_sent(self, jid: str) -> None:
        live = self._live.get(jid)
        if live is None:
            return
        queued = [minion for minion, state in live.open.items() if state is State.QUEUED and minion not in live.held]
        here = [minion for minion in queued if minion in self._connections]
        self._settle_soon([self._change(jid, minion, State.SENT) for minion in here])

    def _change(self, jid: str, minion: str, state: State, reason: str = "", by: str = "") -> Change:
        return Change(jid=jid, minion=minion, state=state, at=self._now(), reason=reason, by=by)

    def _settle_soon(self, changes: list[Change]) -> None:
        if changes and not self._closed:
            self._in_background(self._settle_or_log(changes))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_or_log(self, changes: list[Change]) -> None:
        try:
            await self.settle(changes)
        except SalternError as error:
            # Tried again at each sweep.
            log.error("%d outcomes could not be written: %s", len(changes), error)
            self._unwritten += changes


_RETURN_GRACE = 10.0
"""Seconds after a master's start in which its minions come back."""

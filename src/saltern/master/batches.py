"""Batches: begun, paused, resumed and stopped by operators, driven by the master, taken up again after a restart.

What a batch has done is the record of its job; kept beside it is only how it goes on (behaviour TGT-07).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from saltern.batch.contract import BatchStore
from saltern.batch.records import Batch, BatchPlan
from saltern.errors import Conflict, NotFound, SalternError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.jobs.contract import JobStore
from saltern.master.batch_run import BatchRun
from saltern.master.delivery import Delivery
from saltern.master.live import LiveJob, LiveJobs
from saltern.model.job import Job, State
from saltern.model.target import Target

log = logging.getLogger(__name__)

STOPPED = "stop"
HALTED = "batch halted"
"""How the reason of an outcome begins whose turn never came."""
_OPEN = (State.SENT, State.RUNNING)
_RETURNED = (State.RETURNED, State.FAILED)
_SILENT = (State.EXPIRED, State.LOST, State.REFUSED, State.TIMED_OUT)

Status = dict[str, Any]


class Batches:
    """Runs in the master's event loop; one task for each batch that goes on."""

    def __init__(
        self,
        store: BatchStore,
        jobs: JobStore,
        live: LiveJobs,
        delivery: Delivery,
        bus: EventBus,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._live = live
        self._delivery = delivery
        self._bus = bus
        self._now = now
        self._runs: dict[str, BatchRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def publish(self, job: Job, minions: Sequence[str], plan: BatchPlan, *, follow: bool = False) -> list[str]:
        """Begin a batch; the ids of minions that are not connected now."""
        target = Target(
            expr=job.tgt if isinstance(job.tgt, str) else tuple(job.tgt), kind=job.tgt_type, delimiter=job.delimiter
        )
        batch = Batch(
            jid=job.jid, plan=plan, fun=job.fun, target=target, user=job.user, total=len(minions), created=self._now()
        )
        # Before the job is: a job without its batch would lie there and never begin.
        await self._save(batch)
        try:
            away = await self._delivery.publish(job, minions, follow=follow, held=True)
        except SalternError:
            await asyncio.to_thread(self._store.forget, job.jid)
            raise
        live = self._live.get(job.jid)
        if live is not None:
            self._bus.fire(tags.batch(job.jid, "new"), _new_event(batch))
            self._start(batch, live)
        return away

    # --- what operators ask -------------------------------------------------------------------------------------

    async def pause(self, jid: str, by: str) -> Status:
        """Let no more minions begin until `resume`; those at work go on."""
        run = await self._run_of(jid)
        run.batch = msgspec.structs.replace(run.batch, paused_by=by)
        return await self._changed(run, "paused")

    async def resume(self, jid: str) -> Status:
        run = await self._run_of(jid)
        run.batch = msgspec.structs.replace(run.batch, paused_by="")
        return await self._changed(run, "resumed")

    async def stop(self, jid: str, by: str, *, kill: bool = False) -> Status:
        """End the batch: minions whose turn has not come are not given the job; `kill`: those at work are stopped."""
        run = await self._run_of(jid)
        await self._halt(run, STOPPED, by)
        active = run.at_work()
        if kill and active:
            await self._delivery.cancel(jid, active, by)
        self._live.wake([jid])
        return await self._known_status(jid)

    async def status(self, jid: str) -> Status | None:
        """How a batch stands, in Salt's words; None for a job that is no batch."""
        batch = self._runs[jid].batch if jid in self._runs else await asyncio.to_thread(self._store.get, jid)
        summary = await self._jobs.job(jid) if batch is not None else None
        if batch is None or summary is None:
            return None
        progress = self._runs[jid].last_progress if jid in self._runs else batch.ended or batch.created
        return _status(batch, summary.counts, progress, self._now())

    async def active(self) -> list[Status]:
        """The batches that go on."""
        found = [await self.status(jid) for jid in sorted(self._runs)]
        return [status for status in found if status is not None]

    # --- the master's own ---------------------------------------------------------------------------------------

    async def restore(self) -> None:
        """After a start, when the open outcomes have been taken up: go on with the batches that were not over."""
        for jid in await asyncio.to_thread(self._store.jids):
            try:
                batch = await asyncio.to_thread(self._store.get, jid)
            except SalternError as error:
                log.error("a batch cannot go on: %s", error)
                continue
            live = self._live.get(jid)
            if batch is None or batch.ended or live is None:
                continue
            summary = await self._jobs.job(jid)
            live.in_turns = True
            live.held = dict.fromkeys(minion for minion, state in live.open.items() if state is State.QUEUED)
            live.ends.update({State(state): number for state, number in (summary.counts if summary else {}).items()})
            self._start(batch, live)

    async def expire(self) -> None:
        """Forget the batches whose jobs have left the job cache."""
        for jid in await asyncio.to_thread(self._store.jids):
            if jid not in self._runs and await self._jobs.job(jid) is None:
                await asyncio.to_thread(self._store.forget, jid)

    async def close(self) -> None:
        """Stop driving: the batches go on when a master starts again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    # --- steps --------------------------------------------------------------------------------------------------

    def _start(self, batch: Batch, live: LiveJob) -> None:
        run = BatchRun(batch, live, self._live, self._delivery, self._tell_progress)
        self._runs[batch.jid] = run
        self._tasks[batch.jid] = asyncio.get_running_loop().create_task(self._drive(run))

    async def _drive(self, run: BatchRun) -> None:
        jid = run.batch.jid
        try:
            reason = await run.until_over()
            if not run.batch.ended:
                await (self._halt(run, reason, "") if reason else self._complete(run))
        except SalternError as error:
            log.error("the end of batch %s could not be written: %s", jid, error)
        finally:
            self._runs.pop(jid, None)
            self._tasks.pop(jid, None)

    async def _complete(self, run: BatchRun) -> None:
        run.batch = msgspec.structs.replace(run.batch, ended=self._now())
        await self._save(run.batch)
        self._bus.fire(
            tags.batch(run.batch.jid, "complete"), {**_end_event(run, self._now()), "total_minions": run.batch.total}
        )

    async def _halt(self, run: BatchRun, reason: str, by: str) -> None:
        run.batch = msgspec.structs.replace(run.batch, halted=reason, ended=self._now(), paused_by="")
        async with run.turns:
            held, active = list(run.live.held), run.at_work()
            # First the batch: a master that dies in between must not go on with it.
            await self._save(run.batch)
            await self._delivery.call_off(run.live, held, f"{HALTED}: {reason}", by)
        self._bus.fire(
            tags.batch(run.batch.jid, "halted"),
            {**_end_event(run, self._now()), "reason": reason, "abandoned_active": active, "abandoned_pending": held},
        )

    async def _changed(self, run: BatchRun, what: str) -> Status:
        await self._save(run.batch)
        jid = run.batch.jid
        self._bus.fire(tags.batch(jid, what), {"jid": jid, "by": run.batch.paused_by})
        self._live.wake([jid])
        return await self._known_status(jid)

    async def _run_of(self, jid: str) -> BatchRun:
        if jid in self._runs:
            return self._runs[jid]
        if await self.status(jid) is None:
            raise NotFound(f"job {jid} is no batch", hint="saltern run --batch SIZE starts one.")
        raise Conflict(f"batch {jid} is over")

    async def _known_status(self, jid: str) -> Status:
        status = await self.status(jid)
        if status is None:
            raise NotFound(f"batch {jid} is not known any more")
        return status

    async def _save(self, batch: Batch) -> None:
        await asyncio.to_thread(self._store.save, batch)

    def _tell_progress(self, run: BatchRun) -> None:
        batch, live = run.batch, run.live
        self._bus.fire(
            tags.batch(batch.jid, "progress"),
            {
                **_about(batch), "total": batch.total, "active": run.active, "pending": len(live.held),
                "completed": _sum(live.ends, _RETURNED), "failed": _sum(live.ends, _SILENT), "iter": None,
                "last_progress": run.last_progress,
            },
        )  # fmt: skip


def _status(batch: Batch, counts: dict[str, int], progress: float, now: float) -> Status:
    """`counts` by the values of `State`; they sum to `total`."""
    return {
        "jid": batch.jid, **_about(batch), "total": batch.total,
        "completed": _sum(counts, _RETURNED), "active": _sum(counts, _OPEN), "pending": counts.get(State.QUEUED, 0),
        "failed": _sum(counts, _SILENT), "cancelled": counts.get(State.CANCELLED, 0), "batch_size": batch.plan.size,
        "paused": bool(batch.paused_by), "halted": bool(batch.halted), "halted_reason": batch.halted or None,
        "driver": "master", "created": batch.created, "last_progress": progress, "age_seconds": now - progress,
    }  # fmt: skip


def _new_event(batch: Batch) -> dict[str, Any]:
    return {**_about(batch), "batch_size": batch.plan.size, "total_minions": batch.total, "created": batch.created,
            "driver": "master"}  # fmt: skip


def _end_event(run: BatchRun, now: float) -> dict[str, Any]:
    return {
        **_about(run.batch), "completed": _sum(run.live.ends, _RETURNED), "failed": _sum(run.live.ends, _SILENT),
        "duration": now - run.batch.created,
    }  # fmt: skip


def _about(batch: Batch) -> dict[str, Any]:
    tgt = batch.target.expr if isinstance(batch.target.expr, str) else list(batch.target.expr)
    return {"jid": batch.jid, "fun": batch.fun, "tgt": tgt, "tgt_type": batch.target.kind, "user": batch.user}


def _sum(counts: dict[Any, int], states: Sequence[State]) -> int:
    return sum(counts.get(state, 0) for state in states)

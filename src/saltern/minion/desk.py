"""The minion's desk: takes jobs, has them worked on, and sees to it that every return reaches its master.

It knows nothing of sockets: masters are reached through `MasterPort`, which each connection implements.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from saltern.errors import StoreError
from saltern.minion import blackout, pipe
from saltern.minion.journal import Journal
from saltern.minion.outbox import Outbox
from saltern.minion.own_pillar import OwnPillar
from saltern.minion.process_name import worker_name
from saltern.minion.workers import Worker, Workers, end_group, signal_group
from saltern.model.job import Return, State
from saltern.model.target import MinionData, Target
from saltern.transport.frames import Ack, Cancel, EventFrame, JobFrame, Progress, Reply

log = logging.getLogger(__name__)

_WRITE_AGAIN = 2.0
"""Seconds before what could not be written to the disk is written again."""
_ADOPTED_CHECK = 1.0
"""Seconds between looks at jobs that an earlier life of this minion started and that still run."""


class MasterPort(Protocol):
    """One master, as the desk sees it."""

    @property
    def master(self) -> str:
        """The master's id; empty until it said so."""

    def tell(self, frame: Ack | Progress | EventFrame) -> None:
        """Send if connected; what is lost here is only of interest while it happens."""

    @property
    def pillar(self) -> OwnPillar:
        """What this master gave the minion."""

    def flush(self) -> None:
        """There is something new in the outbox."""

    async def ask(self, verb: str, args: bytes) -> Reply: ...


class Instant(Protocol):
    """Runs the functions that are safe inside the link process."""

    def runs(self, load: Mapping[str, Any]) -> bool: ...

    def run(self, load: Mapping[str, Any]) -> tuple[Return, bytes]: ...


class DeskOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`most` is how many jobs may run at once (-1: no bound); times are seconds, sizes bytes.

    `blackout` holds what the configuration says of it, see `minion.blackout`.
    """

    id: str
    most: int = -1
    outbox_keep_seconds: float = 0.0
    outbox_keep_bytes: int = 0
    blackout: Mapping[str, Any] = {}


class Running(msgspec.Struct, kw_only=True):
    """A job in work."""

    load: dict[str, Any]
    master: str
    pid: int = 0
    end: tuple[State, str, str] | None = None
    """Set when it is being ended: the state, the reason and by whom."""


class Desk:
    """Runs in the link process's event loop."""

    def __init__(
        self,
        options: DeskOptions,
        journal: Journal,
        outbox: Outbox,
        instant: Instant,
        matches: Callable[[Target, MinionData], bool],
    ) -> None:
        self._options = options
        self._journal = journal
        self._outbox = outbox
        self._instant = instant
        self._matches = matches
        self._ports: list[MasterPort] = []
        self._running: dict[str, Running] = {}
        self._waiting: list[tuple[JobFrame, dict[str, Any], MasterPort]] = []
        self._workers: Workers | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.grains_ready = asyncio.Event()
        self.grains_digest = ""
        self.grains_data = b""
        self._grains: dict[str, Any] = {}
        self.on_grains: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None

    # --- life ---------------------------------------------------------------------------------------------------

    def open(self, workers: Workers) -> None:
        """Start to work: see what an earlier life left, and compute the grains."""
        self._workers = workers
        self._recover()
        self.compute_grains()

    def add_master(self, port: MasterPort) -> None:
        self._ports.append(port)

    @property
    def outbox(self) -> Outbox:
        return self._outbox

    def running(self) -> dict[str, int]:
        """Jid to process id of what runs or waits for its turn."""
        waiting = {frame.jid: 0 for frame, _, _ in self._waiting}
        return waiting | {jid: job.pid for jid, job in self._running.items()}

    def trim_outbox(self) -> None:
        self._sweep()
        for key in self._outbox.trim(self._options.outbox_keep_seconds, self._options.outbox_keep_bytes, time.time()):
            log.error("the return of job %s was dropped: no master took it in time, or the outbox is full", key)

    # --- jobs ---------------------------------------------------------------------------------------------------

    def take(self, frame: JobFrame, port: MasterPort) -> None:
        """A master sent a job: once for all, whatever else happens."""
        if self._stopping or self._known(frame.jid, port):
            return
        try:
            self._take(frame, port)
        except OSError as error:
            # Not acknowledged, so the master's record says what becomes of it when the connection has ended.
            raise StoreError(f"job {frame.jid} cannot be taken: {error}") from error

    def _take(self, frame: JobFrame, port: MasterPort) -> None:
        load = msgspec.msgpack.decode(frame.load, type=dict[str, Any])
        load["jid"] = frame.jid
        if not self._concerns_us(load):
            self._conclude(frame.jid, load, port.master, State.REFUSED, "this minion is not in the target")
            return
        if blackout.is_shut_out(load["fun"], (self._options.blackout, port.pillar.blackout, self._grains)):
            self._conclude(frame.jid, load, port.master, State.REFUSED, blackout.REASON)
            return
        if self._instant.runs(load):
            self._run_instant(frame.jid, load, port)
            return
        self._journal.take(frame.jid, load | {"__master__": port.master, "__timeout__": frame.timeout})
        self._journal.see(frame.jid)
        port.tell(Ack(frame.jid))
        if 0 < self._options.most <= len(self._running):
            self._waiting.append((frame, load, port))
            return
        self._start(frame, load, port)

    def _known(self, jid: str, port: MasterPort) -> bool:
        if jid in self._running or any(jid == frame.jid for frame, _, _ in self._waiting):
            port.tell(Ack(jid))
            return True
        if not self._journal.has_seen(jid):
            return False
        if self._outbox.get(jid) is None:
            reason = "the job ran here before and its return is no longer kept"
            self._conclude(jid, {"fun": "", "arg": []}, port.master, State.LOST, reason)
        port.flush()
        return True

    def _concerns_us(self, load: Mapping[str, Any]) -> bool:
        kind = load.get("tgt_type", "glob")
        if kind == "list":
            return self._options.id in load["tgt"]
        expr = load["tgt"] if isinstance(load["tgt"], str) else tuple(load["tgt"])
        target = Target(expr=expr, kind=kind, delimiter=load.get("delimiter", ":"))
        return self._matches(target, MinionData(id=self._options.id, grains=self._grains, pillar=None))

    def _run_instant(self, jid: str, load: dict[str, Any], port: MasterPort) -> None:
        given, body = self._instant.run(load)
        self._journal.see(jid)
        self._outbox.put(jid, msgspec.structs.replace(given, master=port.master), lambda file: file.write(body))
        port.flush()

    def _start(self, frame: JobFrame, load: dict[str, Any], port: MasterPort) -> None:
        assert self._workers is not None
        self._running[frame.jid] = Running(load=load, master=port.master)
        try:
            self._workers.start(pipe.Spawn(task="job", jid=frame.jid, master=port.master, follow=frame.follow))
        except OSError as error:
            log.error("no worker for job %s: %s", frame.jid, error)
            self._conclude(frame.jid, load, port.master, State.FAILED, _how_it_ended(None))
            return
        if frame.timeout:
            self._later(frame.jid, frame.timeout, lambda: self._time_out(frame.jid, frame.timeout))

    def _time_out(self, jid: str, seconds: float) -> None:
        self.end(jid, State.TIMED_OUT, f"it ran longer than its timeout of {seconds:g} s", "")

    def cancel(self, frame: Cancel) -> None:
        self.end(frame.jid, State.CANCELLED, "cancelled", frame.by)

    def end(self, jid: str, state: State, reason: str, by: str) -> None:
        """End a job with everything that it started; its outcome will be `state`."""
        for waiting in [entry for entry in self._waiting if entry[0].jid == jid]:
            self._waiting.remove(waiting)
            self._conclude(jid, waiting[1], waiting[2].master, state, reason, by)
        job = self._running.get(jid)
        if job is None or job.end is not None:
            return
        job.end = (state, reason, by)
        if job.pid:
            end_group(job.pid, asyncio.get_running_loop().call_later)

    def _conclude(
        self, jid: str, load: Mapping[str, Any], master: str, state: State, reason: str, by: str = ""
    ) -> None:
        """End a job without a return of its function."""
        given = Return(
            jid=jid, fun=load["fun"], fun_args=list(load["arg"]), state=state, retcode=1, success=False, reason=reason,
            by=by, master=master, finished=time.time(), user=load.get("user", ""),
        )  # fmt: skip
        text = msgspec.msgpack.encode(_TEXTS[state].format(reason))
        try:
            self._journal.see(jid)
            self._outbox.put(jid, given, lambda file: file.write(text))
        except OSError as error:
            log.error("the end of job %s cannot be written down yet: %s", jid, error)
            self._later(jid, _WRITE_AGAIN, lambda: self._conclude(jid, load, master, state, reason, by))
        else:
            self._ended(jid)

    def _ended(self, jid: str) -> None:
        """The return is in the outbox: forget the job and start the next."""
        self._journal.end(jid)
        self._running.pop(jid, None)
        if timer := self._timers.pop(jid, None):
            timer.cancel()
        for port in self._ports:
            port.flush()
        if self._waiting and not 0 < self._options.most <= len(self._running):
            self._start(*self._waiting.pop(0))

    def _later(self, jid: str, seconds: float, action: Callable[[], None]) -> None:
        if timer := self._timers.pop(jid, None):
            timer.cancel()
        self._timers[jid] = asyncio.get_running_loop().call_later(seconds, action)

    # --- workers ------------------------------------------------------------------------------------------------

    def worker_started(self, jid: str, pid: int) -> None:
        job = self._running.get(jid)
        if job is None:
            return
        job.pid = pid
        if job.end is not None:
            # It was ended before there was a process.
            end_group(pid, asyncio.get_running_loop().call_later)

    def worker_said(self, worker: Worker, message: pipe.FromWorker) -> None:
        match message:
            case pipe.Done(key=key):
                self._outbox_has(key)
            case pipe.Output(kind=kind, number=number, data=data):
                self._to_master(worker.master, Progress(worker.jid, kind, number, data))
            case pipe.Fire(tag=tag, data=data):
                self._to_master(worker.master, EventFrame(tag, data))
            case pipe.Ask() | pipe.PillarWanted():
                self._relay(worker, message)
            case pipe.GrainsReady(digest=digest, data=data):
                self._take_grains(digest, data)
            case pipe.RefreshWanted(what=what):
                self.refresh(what)

    def worker_exited(self, jid: str, status: int | None) -> None:
        """A worker ended; when it left no return, say how it ended."""
        if jid == _GRAINS:
            self.grains_ready.set()
            return
        job = self._running.get(jid)
        if job is None:
            return
        if job.end is None and self._outbox.get(jid) is not None:
            self._ended(jid)
            return
        self._sweep()
        state, reason, by = job.end or (State.FAILED, _how_it_ended(status), "")
        self._conclude(jid, job.load, job.master, state, reason, by)

    def stop(self) -> None:
        self._stopping = True
        self.on_stop()

    def _outbox_has(self, jid: str) -> None:
        job = self._running.get(jid)
        if job is None or job.end is None:
            self._ended(jid)

    def _to_master(self, master: str, frame: Progress | EventFrame) -> None:
        for port in self._ports:
            if port.master == master or not master:
                port.tell(frame)

    def _relay(self, worker: Worker, question: pipe.Ask | pipe.PillarWanted) -> None:
        port = next((port for port in self._ports if port.master == worker.master), None)
        port = port or next((port for port in self._ports if port.master), None)
        task = asyncio.get_running_loop().create_task(self._answer(worker, question, port))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _answer(worker: Worker, question: pipe.Ask | pipe.PillarWanted, port: MasterPort | None) -> None:
        if port is None:
            error = {"name": "Unreachable", "message": "the minion is not connected to a master", "hint": ""}
            reply = Reply(question.number, ok=False, body=msgspec.msgpack.encode(error))
        elif isinstance(question, pipe.Ask):
            reply = await port.ask(question.verb, question.args)
        else:
            reply = await (port.pillar.refresh() if question.fresh else port.pillar.current())
        worker.answer(pipe.Answer(number=question.number, ok=reply.ok, body=reply.body))

    # --- grains and plugins -------------------------------------------------------------------------------------

    def compute_grains(self) -> None:
        if self._workers is not None and self._workers.get(_GRAINS) is None:
            self._workers.start(pipe.Spawn(task="grains", jid=_GRAINS))

    def refresh(self, what: str) -> None:
        if self._workers is None:
            return
        if what in ("modules", "grains", "all"):
            self._workers.reload()
            self.compute_grains()
        if what in ("pillar", "all"):
            for port in self._ports:
                port.pillar.refresh()

    def _take_grains(self, digest: str, data: bytes) -> None:
        changed = digest != self.grains_digest
        self.grains_digest, self.grains_data = digest, data
        self._grains = msgspec.msgpack.decode(data)
        self.grains_ready.set()
        if changed:
            self.on_grains()

    # --- an earlier life ----------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        """Remove what workers that were killed left half written."""
        self._journal.sweep()
        self._outbox.sweep()

    def _recover(self) -> None:
        self._sweep()
        with self._journal.alone():
            for jid, load in self._journal.taken().items():
                self._take_up(jid, load)

    def _take_up(self, jid: str, load: dict[str, Any]) -> None:
        master = load.pop("__master__", "")
        pid = int(load.get("pid", 0))
        if self._outbox.get(jid) is not None:
            self._journal.end(jid)
        elif pid and is_worker_of(pid, jid):
            log.warning("job %s still runs as process %s from before this start", jid, pid)
            self._running[jid] = Running(load=load, master=master, pid=pid)
            self._watch_adopted(jid, pid)
        else:
            when = "while the job ran" if pid else "before it began the job"
            self._conclude(jid, load, master, State.LOST, f"the minion was restarted {when}")

    def _watch_adopted(self, jid: str, pid: int) -> None:
        if not is_worker_of(pid, jid):
            self._adopted_ended(jid)
            return
        load = self._running[jid].load
        if (seconds := load.get("__timeout__")) and time.time() > load.get("__began__", 0.0) + seconds:
            self._time_out(jid, seconds)
        self._later(jid, _ADOPTED_CHECK, lambda: self._watch_adopted(jid, pid))

    def _adopted_ended(self, jid: str) -> None:
        job = self._running[jid]
        if self._outbox.get(jid) is not None:
            self._ended(jid)
            return
        self._sweep()
        lost = (State.LOST, "the job ended without a return after the minion was restarted", "")
        state, reason, by = job.end or lost
        self._conclude(jid, job.load, job.master, state, reason, by)


_GRAINS = "grains"
_TEXTS = {
    State.FAILED: "ERROR: {}",
    State.LOST: "ERROR: lost: {}",
    State.REFUSED: "ERROR: refused: {}",
    State.CANCELLED: "ERROR: {}",
    State.TIMED_OUT: "ERROR: timed out: {}",
}


def _how_it_ended(status: int | None) -> str:
    if status is None:
        return "The minion could not start a process for the job; its log says why"
    how = f"was ended by signal {-status}" if status < 0 else f"exited with status {status}"
    return f"The process of the job {how} before the function gave a return"


def is_worker_of(pid: int, jid: str) -> bool:
    """Whether a process is still the worker of a job: process ids are used again, so its name has to fit too."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text("ascii", "replace").strip()
    except OSError:
        return False
    return name == worker_name(jid) and signal_group(pid, 0)

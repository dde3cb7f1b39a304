"""The minion's desk: takes jobs, has them worked on, and sees to it that every return reaches its master.

It knows nothing of sockets: masters are reached through `MasterPort`, which each connection implements.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from saltern.errors import NotFound, SalternError, StoreError
from saltern.minion import blackout, pipe
from saltern.minion.journal import OWN, QUIET, Journal, jid_to_tell, name_of_own
from saltern.minion.outbox import Outbox
from saltern.minion.own_pillar import OwnPillar
from saltern.minion.process_name import worker_name
from saltern.minion.return_queue import ReturnQueue
from saltern.minion.workers import Worker, Workers, end_group, signal_group
from saltern.model.job import Return, State
from saltern.model.target import MinionData, Target
from saltern.transport.frames import Ack, Cancel, EventFrame, JobFrame, Progress, Reply

log = logging.getLogger(__name__)

_WRITE_AGAIN = 2.0
"""Seconds before what could not be written to the disk is written again."""
_ADOPTED_CHECK = 1.0
"""Seconds between looks at jobs that an earlier life of this minion started and that still run."""


_HANGING = 5.0
"""Seconds that a process has to end when the link has hung up."""


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


class Manager(Protocol):
    """A part of the minion that functions ask for something, and change."""

    def answer(self, verb: str, args: Mapping[str, Any]) -> Any:
        """A value that MessagePack has a form for, or a `SalternError`."""


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
        returns: ReturnQueue,
        instant: Instant,
        matches: Callable[[Target, MinionData], bool],
    ) -> None:
        self._options = options
        self._journal = journal
        self._outbox = outbox
        self._returns = returns
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
        self._parts: dict[str, Callable[[], None]] = {}
        self.managers: dict[str, Manager] = {}
        """The parts of the minion that functions may ask for, by name."""
        self.on_grains: Callable[[], None] = lambda: None
        self.on_reload: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None

    # --- life ---------------------------------------------------------------------------------------------------

    def open(self, workers: Workers) -> None:
        """Start to work: see what an earlier life left, and compute the grains."""
        self._workers = workers
        self._recover()
        self.compute_grains()
        if self._returns.waiting():
            self.deliver_returns()

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
        for name in self._returns.trim(self._options.outbox_keep_seconds, self._options.outbox_keep_bytes, time.time()):
            log.error("a return was dropped: its returner did not take it in time, or too much waits: %s", name)
        if self._returns.waiting():
            self.deliver_returns()

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
        self._start(frame, load, port.master)

    def take_own(self, load: dict[str, Any], master: str, *, quiet: bool = False) -> None:
        """Work on a job of the minion's own, which no master published; `master` is asked what it needs, and told.

        `quiet`: it is told nothing of the job; where that fails, the log says so.
        """
        jid = load["jid"]
        load = load | {OWN: True} | ({QUIET: True} if quiet else {})
        if self._stopping:
            return
        pillars = [port.pillar.blackout for port in self._ports if port.master == master]
        if blackout.is_shut_out(load["fun"], (self._options.blackout, *pillars, self._grains)):
            log.error("%s was refused: %s", name_of_own(load), blackout.REASON)
            return
        self._journal.take(jid, load | {"__master__": master, "__timeout__": 0})
        self._journal.see(jid)
        self._start(JobFrame(jid, b""), load, master)

    def count_scheduled(self, name: str) -> int:
        """How many runs of a scheduled job go on."""
        return sum(job.load.get("schedule") == name for job in self._running.values())

    def grain(self, name: str) -> Any:
        return self._grains.get(name)

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

    def _start(self, frame: JobFrame, load: dict[str, Any], master: str) -> None:
        assert self._workers is not None
        self._running[frame.jid] = Running(load=load, master=master)
        try:
            self._workers.start(pipe.Spawn(task="job", jid=frame.jid, master=master, follow=frame.follow))
        except OSError as error:
            log.error("no worker for job %s: %s", frame.jid, error)
            self._conclude(frame.jid, load, master, State.FAILED, _how_it_ended(None))
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
        if load.get(QUIET):
            log.error("%s: %s", name_of_own(load), reason)
            self._ended(jid)
            return
        given = Return(
            jid=jid_to_tell(load, jid), schedule=load.get("schedule", ""), fun=load["fun"], fun_args=list(load["arg"]),
            state=state, retcode=1, success=False, reason=reason, by=by, master=master, finished=time.time(),
            user=load.get("user", ""),
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
            frame, load, port = self._waiting.pop(0)
            self._start(frame, load, port.master)

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
            case pipe.Manage():
                worker.answer(self._managed(message))
            case pipe.GrainsReady(digest=digest, data=data):
                self._take_grains(digest, data)
            case pipe.RefreshWanted(what=what):
                self.refresh(what)
            case pipe.ReturnsWait():
                self.deliver_returns()

    def worker_exited(self, jid: str, status: int | None) -> None:
        """A worker ended; when it left no return, say how it ended."""
        if jid == _GRAINS:
            self.grains_ready.set()
            return
        if (ended := self._parts.pop(jid, None)) is not None:
            ended()
            return
        if jid == _RETURNS:
            if self._returns.waiting():
                # Something came while it ended, or it could not do its work.
                self._later(_RETURNS, _WRITE_AGAIN, self.deliver_returns)
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

    def _managed(self, question: pipe.Manage) -> pipe.Answer:
        """What a part of the minion says to a function that asks for it."""
        manager = self.managers.get(question.part)
        try:
            if manager is None:
                raise NotFound(f"this minion has no {question.part}")
            value = manager.answer(question.verb, msgspec.msgpack.decode(question.args, type=dict[str, Any]))
        except (SalternError, OSError) as error:
            told = error if isinstance(error, SalternError) else StoreError(str(error))
            return pipe.Answer(question.number, ok=False, body=msgspec.msgpack.encode(told.to_data()))
        return pipe.Answer(question.number, ok=True, body=msgspec.msgpack.encode(value))

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

    def start_part(self, task: str, ended: Callable[[], None]) -> None:
        """Have a process do this task, unless one does; `ended` is called when it is over."""
        if self._workers is not None and not self._stopping and self._workers.get(task) is None:
            self._parts[task] = ended
            self._workers.start(pipe.Spawn(task=task, jid=task))

    def end_part(self, task: str) -> bool:
        """Have the process of a task end, in the end by force; False when there is none."""
        worker = self._workers.get(task) if self._workers is not None else None
        if worker is None:
            return False
        worker.hang_up()
        asyncio.get_running_loop().call_later(_HANGING, self._end_hanging, worker)
        return True

    def _end_hanging(self, worker: Worker) -> None:
        if self._workers is not None and self._workers.get(worker.jid) is worker and worker.pid:
            end_group(worker.pid, asyncio.get_running_loop().call_later)

    def deliver_returns(self) -> None:
        """Have what waits for returners brought to them."""
        if self._workers is not None and not self._stopping and self._workers.get(_RETURNS) is None:
            self._workers.start(pipe.Spawn(task="returns", jid=_RETURNS))

    def refresh(self, what: str) -> None:
        if self._workers is None:
            return
        if what in ("modules", "grains", "all"):
            self._workers.reload()
            self.on_reload()
            self.compute_grains()
        if what in ("pillar", "all"):
            for port in self._ports:
                port.pillar.refresh()

    def encoded_grains(self, names: Sequence[str]) -> bytes:
        """Those of these grains that there are, as MessagePack of a dict; empty when none is."""
        found = {name: self._grains[name] for name in names if name in self._grains}
        return msgspec.msgpack.encode(found) if found else b""

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
_RETURNS = "returns"
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

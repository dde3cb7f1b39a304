"""What a worker process does: one job, the grains, or the delivery of returns; what it has to say goes to the link.

The plugins' world is made by `Plugins`, which the assembly hands in: a worker itself knows no configuration.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from saltern.errors import Unreachable, from_data
from saltern.minion import pipe
from saltern.minion.journal import OWN, QUIET, TakenJobs, jid_to_tell, name_of_own
from saltern.minion.limits import JobLimits
from saltern.minion.outbox import Outbox
from saltern.minion.process_name import take_name, worker_name
from saltern.minion.return_delivery import ReturnDelivery, Returners
from saltern.minion.return_queue import ReturnQueue
from saltern.minion.watch import Watch
from saltern.minion.whole_files import write_whole
from saltern.model.job import Return, State, worst_of

log = logging.getLogger(__name__)

_PUT_AGAIN = 2.0
"""Seconds before a return that could not be written is written again."""
_encode = msgspec.msgpack.Encoder().encode


class Result(Protocol):
    """What came of a call; `plugins.invoke` makes it."""

    value: Any
    retcode: Any
    success: Any
    out: str


class Line:
    """The worker's end of the stream to the link: what a function may want of the world beyond its process."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._numbers = itertools.count(1)
        self._printed = itertools.count()

    def is_open(self, seconds: float) -> bool:
        """Wait so long; whether the link is still there."""
        ready, _, _ = select.select([self._stream], [], [], seconds)
        return not ready or bool(self._stream.recv(1, socket.MSG_PEEK))

    def say(self, message: pipe.Message) -> None:
        # A job outlives the link that it was started by; what it has to say then is in the outbox.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._stream.sendall(pipe.packed(message))

    def fire(self, tag: str, data: dict[str, Any]) -> bool:
        """An event for the master."""
        self.say(pipe.Fire(tag, _encode(data)))
        return True

    def printed(self, stream: str, data: bytes) -> None:
        """Something that a running command printed."""
        self.say(pipe.Output(stream, next(self._printed), data))

    def ask(self, verb: str, args: dict[str, Any]) -> Any:
        """A request to the master; its answer, or the error that the master named."""
        return self._answered(pipe.Ask(next(self._numbers), verb, _encode(args)))

    def manage(self, part: str, verb: str, args: dict[str, Any]) -> Any:
        """Ask a part of the running minion, its schedule for one; its answer, or the error that it named."""
        return self._answered(pipe.Manage(next(self._numbers), part, verb, _encode(args)))

    def pillar(self, *, fresh: bool = False) -> dict[str, Any]:
        """The minion's pillar; `fresh` has the master asked for it anew."""
        return dict(self._answered(pipe.PillarWanted(next(self._numbers), fresh)))

    def _answered(self, question: pipe.Message) -> Any:
        self.say(question)
        try:
            answer = pipe.receive_answer(self._stream)
        except (EOFError, ConnectionResetError) as error:
            raise Unreachable("the minion's connection was started anew meanwhile") from error
        value = msgspec.msgpack.decode(answer.body)
        if not answer.ok:
            raise from_data(value)
        return value

    def refresh(self, what: str) -> None:
        self.say(pipe.RefreshWanted(what))


class Plugins(Protocol):
    """The plugins' world of one minion."""

    def warm(self) -> None:
        """Look at the plugin files; what is found is shared by all workers."""

    def grains(self) -> dict[str, Any]:
        """All grains, computed now."""

    def invoke(self, load: Mapping[str, Any], grains: Path, line: Line, *, follow: bool) -> Result:
        """Call what a publication names. `grains` is the file with the minion's encoded grains."""

    def write(self, value: Any, file: BinaryIO) -> None:
        """Write a value as MessagePack, whatever it is."""

    def returners_of(self, load: Mapping[str, Any]) -> list[str]:
        """The returners that a publication and the configuration name."""

    def beacons(self, grains: Path, line: Line) -> AbstractContextManager[Mapping[str, Callable[..., Any]]]:
        """The functions of the beacon plugins, as functions of this minion see the world."""

    def returners(self, grains: Path, line: Line) -> AbstractContextManager[Returners]:
        """The returners, as functions of this minion see the world."""


class WorkerPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """`directory` holds the journal and the outbox, `grains` the encoded grains, `returns` what waits for returners,
    `beacons` the file that says what to watch.

    `kept` is where returns stay on the minion (`cache_jobs: True`), as `<jid>/return.p`.
    """

    id: str
    directory: Path
    outbox: Path
    grains: Path
    returns: Path
    beacons: Path = Path()
    kept: Path | None = None
    limits: JobLimits = JobLimits()


class Worker:
    """Callable as `supervisor.WorkerMain`."""

    def __init__(self, places: WorkerPlaces, plugins: Callable[[], Plugins]) -> None:
        self._places = places
        self._plugins = plugins

    def __call__(self, spawn: pipe.Spawn, stream: socket.socket) -> None:
        line = Line(stream)
        if spawn.task == "grains":
            self._compute_grains(line)
        elif spawn.task == "beacons":
            self._watch(spawn, line)
        elif spawn.task == "returns":
            self._deliver_returns(spawn, line)
        else:
            take_name(worker_name(spawn.jid))
            self._places.limits.apply()
            self._run(spawn, line)

    def _deliver_returns(self, spawn: pipe.Spawn, line: Line) -> None:
        take_name(worker_name(spawn.jid))
        plugins, places = self._plugins(), self._places
        ReturnDelivery(ReturnQueue(places.returns), lambda: plugins.returners(places.grains, line)).run()

    def _watch(self, spawn: pipe.Spawn, line: Line) -> None:
        """Watch until the link hangs up: it is gone, or has something else to be watched."""
        from saltern.plugins.encode import plain

        take_name(worker_name(spawn.jid))
        order = msgspec.msgpack.decode(self._places.beacons.read_bytes(), type=dict[str, Any])
        jobs = TakenJobs(self._places.directory)

        def in_states() -> bool:
            return any(str(load.get("fun", "")).startswith("state.") for load in jobs.taken().values())

        def tell(rest: str, data: dict[str, Any]) -> None:
            line.fire(f"salt/beacon/{self._places.id}/{rest}", plain({**data, "id": self._places.id}))

        with self._plugins().beacons(self._places.grains, line) as functions:
            watch = Watch(functions, tell, in_states)
            watch.take(order)
            try:
                while not watch.is_empty and line.is_open(watch.look(time.monotonic())):
                    pass
            finally:
                watch.close()

    def _compute_grains(self, line: Line) -> None:
        import hashlib

        data = _encode(self._plugins().grains())
        digest = hashlib.sha256(data).hexdigest()
        write_whole(self._places.grains, data)
        line.say(pipe.GrainsReady(digest, data))

    def _run(self, spawn: pipe.Spawn, line: Line) -> None:
        load = TakenJobs(self._places.directory).claim(spawn.jid, os.getpid())
        if load is None:
            return  # cancelled before this process got to it
        public = {name: value for name, value in load.items() if not name.startswith("__")}
        public["pid"] = os.getpid()
        plugins = self._plugins()
        started = time.time()
        result = plugins.invoke(public, self._places.grains, line, follow=spawn.follow)
        if os.getpid() != public["pid"]:
            return  # the function forked, and this is the copy: the return is not its to give
        given = _return(spawn, public, result, started)
        if load.get(OWN):
            given = msgspec.structs.replace(given, jid=jid_to_tell(load, spawn.jid))
            if worst_of(result.retcode):
                told = f": {result.value}" if load.get(QUIET) else f", see job {spawn.jid}"
                log.error("%s failed%s", name_of_own(load), told)
        full = self._full_return(spawn.jid, given, result)
        # Before the master has the return: then nothing is left of the job that could bring it to the returners.
        wait = self._leave_for_returners(plugins, public, full)
        if not load.get(QUIET):
            self._put(spawn.jid, given, lambda file: plugins.write(result.value, file))
        if wait:
            line.say(pipe.ReturnsWait())
        line.say(pipe.Done(spawn.jid))
        if self._places.kept is not None:
            _keep(self._places.kept / spawn.jid, lambda file: plugins.write(full, file))

    def _leave_for_returners(self, plugins: Plugins, load: Mapping[str, Any], full: dict[str, Any]) -> bool:
        """Whether there is one to whom it goes."""
        names = plugins.returners_of(load)
        with_options = full | {name: load[name] for name in ("ret_config", "ret_kwargs", "metadata") if load.get(name)}
        queue = ReturnQueue(self._places.returns)
        for name in names:
            try:
                queue.put(name, full["jid"], lambda file: plugins.write(with_options, file))
            except OSError as error:
                log.error("The return failed for job %s: returner %s: %s", full["jid"], name, error)
        return bool(names)

    def _put(self, jid: str, given: Return, write: Callable[[BinaryIO], object]) -> None:
        """Into the outbox; on a full disk this waits for space, because nobody else has the value."""
        while True:
            try:
                Outbox(self._places.outbox).put(jid, given, write)
            except OSError as error:
                log.error("the return of job %s waits, because it cannot be written: %s", jid, error)
                time.sleep(_PUT_AGAIN)
            else:
                return

    def _full_return(self, jid: str, given: Return, result: Result) -> dict[str, Any]:
        """The return as Salt's returners take it (behaviour JOB-11)."""
        return {
            "id": self._places.id, "jid": jid, "fun": given.fun, "fun_args": given.fun_args,
            "return": result.value, "retcode": given.retcode, "success": given.success,
        }  # fmt: skip


def _return(spawn: pipe.Spawn, load: Mapping[str, Any], result: Result, started: float) -> Return:
    return Return(
        jid=spawn.jid, fun=load["fun"], fun_args=load["arg"],
        state=State.FAILED if worst_of(result.retcode) else State.RETURNED,
        retcode=result.retcode, success=result.success, out=result.out, started=started, finished=time.time(),
        user=load.get("user", ""), metadata=load.get("metadata"), ret=load.get("ret", ""), master=spawn.master,
        tgt=load.get("tgt", ""), tgt_type=load.get("tgt_type", "glob"), schedule=load.get("schedule", ""),
    )  # fmt: skip


def _keep(directory: Path, write: Callable[[BinaryIO], None]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = directory / "return.part"
    with part.open("wb") as file:
        write(file)
    part.rename(directory / "return.p")

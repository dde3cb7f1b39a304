"""The link's side of its workers: start them, hear them, end them."""

from __future__ import annotations

import array
import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from saltern.minion import pipe

log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds that a worker has to take an answer."""


class WorkerEvents(Protocol):
    """Who is told what the workers say."""

    def worker_started(self, jid: str, pid: int) -> None: ...

    def worker_said(self, worker: Worker, message: pipe.FromWorker) -> None: ...

    def worker_exited(self, jid: str, status: int | None) -> None: ...

    def stop(self) -> None:
        """The supervisor asks the link to end, or is gone."""


class Worker:
    """One worker process and the stream to it."""

    def __init__(self, spawn: pipe.Spawn, stream: socket.socket) -> None:
        self.jid = spawn.jid
        self.task = spawn.task
        self.master = spawn.master
        self.follow = spawn.follow
        self.pid = 0
        self._stream = stream
        self._reader = pipe.FromWorkerReader()

    def fileno(self) -> int:
        return self._stream.fileno()

    def read(self) -> list[pipe.FromWorker] | None:
        """What it said; None when it closed its end."""
        try:
            data = self._stream.recv(1 << 20)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            return None
        return list(self._reader.feed(data)) if data else None

    def answer(self, message: pipe.Answer) -> None:
        # The worker waits for its answer and reads at once, so blocking here is short; one that was stopped is not
        # waited for longer than that.
        try:
            self._stream.settimeout(_PATIENCE)
            self._stream.sendall(pipe.packed(message))
        except TimeoutError:
            log.warning("%s does not take the answer to what it asked", self.jid or "a caller")
        except (BrokenPipeError, ConnectionResetError):
            log.debug("%s left before it was answered", self.jid or "a caller")
        finally:
            self._stream.setblocking(False)

    def hang_up(self) -> None:
        """Say nothing any more, and by that, that it is to end."""
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._stream.close()


class Workers:
    """All workers of this minion, by the jid that they work on."""

    def __init__(self, supervisor: socket.socket, events: WorkerEvents) -> None:
        supervisor.setblocking(False)
        self._supervisor = supervisor
        self._events = events
        self._by_jid: dict[str, Worker] = {}
        self._unsent: deque[tuple[bytes, socket.socket | None]] = deque()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(supervisor.fileno(), self._hear_supervisor)

    def __len__(self) -> int:
        return len(self._by_jid)

    def get(self, jid: str) -> Worker | None:
        return self._by_jid.get(jid)

    def start(self, spawn: pipe.Spawn) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        worker = Worker(spawn, ours)
        self._by_jid[spawn.jid] = worker
        self._loop.add_reader(ours.fileno(), self._hear, worker)
        self._send(spawn, theirs)

    def reload(self) -> None:
        """Have the supervisor look at the plugin files again."""
        self._send(pipe.Reload())

    def ready(self) -> None:
        self._send(pipe.Ready())

    def _send(self, message: pipe.Message, stream: socket.socket | None = None) -> None:
        """Tell the supervisor, and hand a stream over. It is never waited for: it may be waiting for this process."""
        if not self._unsent:
            self._loop.add_writer(self._supervisor.fileno(), self._send_waiting)
        self._unsent.append((pipe.encode(message), stream))

    def _send_waiting(self) -> None:
        while self._unsent:
            data, stream = self._unsent[0]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [stream.fileno()]))] if stream else []
            try:
                self._supervisor.sendmsg([data], rights)
            except BlockingIOError:
                return
            except (BrokenPipeError, ConnectionResetError):
                log.debug("the supervisor is gone")  # which `_hear_supervisor` sees as well
            self._unsent.popleft()
            if stream is not None:
                stream.close()
        self._loop.remove_writer(self._supervisor.fileno())

    def _hear_supervisor(self) -> None:
        try:
            data = self._supervisor.recv(pipe.MESSAGE_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            # Without its supervisor a link cannot work; the next start adopts what still runs.
            self._loop.remove_reader(self._supervisor.fileno())
            self._events.stop()
            return
        match pipe.decode_from_supervisor(data):
            case pipe.Started(jid=jid, pid=pid):
                if worker := self._by_jid.get(jid):
                    worker.pid = pid
                self._events.worker_started(jid, pid)
            case pipe.Exited(jid=jid, pid=pid, status=status):
                worker = self._by_jid.get(jid)
                if worker is None or worker.pid == pid:  # else an earlier link's, and ours still works
                    self._finish(jid, status)
            case pipe.Stop():
                self._events.stop()

    def _finish(self, jid: str, status: int | None) -> None:
        worker = self._by_jid.pop(jid, None)
        if worker is not None:
            while self._hear(worker):
                pass  # what it wrote before it ended
            with contextlib.suppress(ValueError):
                self._loop.remove_reader(worker.fileno())
            worker.close()
        self._events.worker_exited(jid, status)

    def _hear(self, worker: Worker) -> bool:
        """Take what a worker wrote; whether there was anything."""
        try:
            messages = worker.read()
        except (msgspec.DecodeError, ValueError):
            log.exception("job %s wrote garbage on the stream to the minion", worker.jid)
            messages = None
        if messages is None:
            self._loop.remove_reader(worker.fileno())
            return False
        for message in messages:
            self._events.worker_said(worker, message)
        return bool(messages)


def signal_group(pid: int, number: int) -> bool:
    """Send a signal to a job's whole process group; False when nothing of it is left."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return False
    return True


def signal_process(pid: int, number: int) -> bool:
    """Send a signal to one process; False when it is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def end_group(pid: int, later: Callable[[float, Callable[[], object]], object], grace: float = 2.0) -> None:
    """End a process group: SIGTERM now, SIGKILL after `grace` seconds for what is left."""
    # A process that was forked this moment leads no group yet, and has started nothing.
    if signal_group(pid, signal.SIGTERM) or signal_process(pid, signal.SIGTERM):
        later(grace, lambda: signal_group(pid, signal.SIGKILL))

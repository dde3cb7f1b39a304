"""The first process of a minion: forks the link and the workers, and nothing else.

It has no event loop and no threads, so forking it is safe and cheap: what it has imported is warm in every worker, and
shared. It starts the link anew when that dies, and tells the link how each worker ended.
"""

from __future__ import annotations

import array
import contextlib
import gc
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import NoReturn

from saltern.errors import SalternError
from saltern.minion import pipe

log = logging.getLogger(__name__)

_RESTART_PAUSE = 1.0
"""Seconds before a link that died is started again."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_FINAL = (0, 64, 69, 77, 78)
"""Exit statuses after which starting again would not help: an orderly end, or an error for a person to mend."""
ENROLLED, RENEW, ENROL = 90, 91, 92
"""Exit statuses by which the link asks for a new life at once: it was enrolled; its certificate is good and ends soon;
its certificate counts no more."""

LinkMain = Callable[[socket.socket, int], int]
"""What the link process runs: the socket to the supervisor, the exit status of the life before -> exit status."""
WorkerMain = Callable[[pipe.Spawn, socket.socket], None]


class Supervisor:
    """Runs until a signal or the link ends it; `run` gives the exit status of the minion."""

    def __init__(self, link: LinkMain, worker: WorkerMain, warm: Callable[[], None]) -> None:
        self._link_main = link
        self._worker_main = worker
        self._warm = warm
        self._workers: dict[int, str] = {}
        self._link_pid = 0
        self._link: socket.socket | None = None
        self._stopping = False
        self._status = 0

    def run(self) -> int:
        gc.set_threshold(700)  # Python's own: this process lives long, and is to stay small
        wakeup = self._listen_for_signals()
        self._start_link()
        self._warm()
        gc.freeze()
        while self._link is not None:
            ready, _, _ = select.select([self._link, wakeup], [], [])
            if wakeup in ready:
                with contextlib.suppress(BlockingIOError):
                    wakeup.recv(4096)
                self._reap()
            if self._link is not None and self._link in ready:
                self._serve(self._link)
        return self._status

    def _listen_for_signals(self) -> socket.socket:
        reader, self._wakeup_writer = socket.socketpair()
        self._wakeup_writer.setblocking(False)
        reader.setblocking(False)
        signal.set_wakeup_fd(self._wakeup_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        return reader

    def _start_link(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        def live() -> int:
            ours.close()
            return self._link_main(theirs, self._status)

        pid = _forked(live)
        theirs.close()
        self._link, self._link_pid = ours, pid

    def _stop(self) -> None:
        """Ask the link to end; the jobs that run go on, and their returns wait in the outbox."""
        self._stopping = True
        self._tell(pipe.Stop())

    def _serve(self, link: socket.socket) -> None:
        try:
            data, ancillary, _, _ = link.recvmsg(pipe.MESSAGE_BYTES, socket.CMSG_SPACE(4))
        except ConnectionResetError:
            data, ancillary = b"", []
        if not data:
            self._reap(wait_for_link=True)
            return
        message = pipe.decode_to_supervisor(data)
        match message:
            case pipe.Spawn():
                self._spawn(message, _descriptors(ancillary))
            case pipe.Reload():
                self._warm()
            case pipe.Ready():
                notify_service_manager("READY=1")

    def _spawn(self, spawn: pipe.Spawn, descriptors: list[int]) -> None:
        if not descriptors:
            log.error("no worker for %s: no file descriptor is left", spawn.jid)
            self._tell(pipe.Exited(jid=spawn.jid, pid=0, status=None))
            return
        with socket.socket(fileno=descriptors[0]) as stream:
            try:
                pid = _forked(lambda: self._work(spawn, stream))
            except OSError as error:
                log.error("no worker for %s: %s", spawn.jid, error)
                self._tell(pipe.Exited(jid=spawn.jid, pid=0, status=None))
                return
        self._workers[pid] = spawn.jid
        self._tell(pipe.Started(jid=spawn.jid, pid=pid))

    def _work(self, spawn: pipe.Spawn, stream: socket.socket) -> int:
        if self._link is not None:
            self._link.close()
        self._worker_main(spawn, stream)
        return 0

    def _reap(self, *, wait_for_link: bool = False) -> None:
        if wait_for_link:
            _, status = os.waitpid(self._link_pid, 0)
            self._link_ended(os.waitstatus_to_exitcode(status))
            return
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            if pid == self._link_pid:
                self._link_ended(code)
            elif (jid := self._workers.pop(pid, None)) is not None:
                self._tell(pipe.Exited(jid=jid, pid=pid, status=code))

    def _link_ended(self, code: int) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
        self._status = code
        if self._stopping or code in _FINAL:
            return
        if code not in (ENROLLED, RENEW, ENROL):
            log.error("the link process ended with status %s; it is started again", code)
            time.sleep(_RESTART_PAUSE)
        if not self._stopping:  # a signal may have come meanwhile
            self._start_link()

    def _tell(self, message: pipe.Message) -> None:
        if self._link is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._link.send(pipe.encode(message))


def _forked(main: Callable[[], int]) -> int:
    """Run `main` as the whole life of a new process; its process id."""
    # A signal between the fork and its own handlers would be answered as if the child were the supervisor.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        pid = os.fork()
        if pid == 0:
            _become(main)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def _become(main: Callable[[], int]) -> NoReturn:
    status = 70
    try:
        # A session, and so a process group, of its own: ending a job ends all that it started, and a Ctrl-C on the
        # supervisor's terminal is the supervisor's to answer.
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        status = main()
    except SalternError as error:
        log.error("a process of the minion cannot work: %s", f"{error} {error.hint}".rstrip())
    except BaseException:
        log.exception("a process of the minion failed")
    finally:
        logging.shutdown()
        os._exit(status)


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    found = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return list(found)


def notify_service_manager(state: str) -> None:
    """Tell systemd (its `NOTIFY_SOCKET` protocol); nothing happens under another parent."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, contextlib.suppress(OSError):
        notify.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)

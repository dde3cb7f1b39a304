"""Run a program: the one place where a plugin starts another process.

A command is an argument vector; a shell is a program like any other (`shell_command`). Nothing here blocks on a process
that outlived its parent once a timeout was given, and a timeout ends all that the command started. No threads are used.

A command stays in the process group of its job, so that ending the job ends the command; only `start`, and what starts
a daemon, leave it.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.linux.family import Family

OnOutput = Callable[[str, bytes], None]
"""Told of each piece of output as it is read: `stdout` or `stderr`, and the bytes. What it raises ends the command."""

_PIECE_BYTES = 1 << 18
_TERM_GRACE = 1.0
_EXIT = object()
"""Marks the descriptor that tells of a process's exit among those of its pipes."""
_USUAL_DIRECTORIES = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin")


class Identity(NamedTuple):
    """Who a command runs as."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    name: str
    home: str
    shell: str


class Surroundings(NamedTuple):
    """What a command finds around it: directory, environment (None: this process's), identity and umask."""

    cwd: str | None = None
    env: Mapping[str, str] | None = None
    identity: Identity | None = None
    umask: int | None = None


class Finished(NamedTuple):
    """A command that ended. `retcode` is negative for a signal, as in `subprocess`."""

    pid: int
    retcode: int
    stdout: bytearray
    stderr: bytearray
    timed_out: bool = False


def shell_command(shell: str, text: str, *arguments: str) -> list[str]:
    """The argument vector by which `shell` runs `text`; the arguments are `$0`, `$1` and so on."""
    return [shell, "-c", text, *arguments]


def find_program(name: str) -> str | None:
    """The path of an executable by its name or path; the usual directories are searched after those of PATH."""
    import shutil  # its import costs more than a command does

    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_USUAL_DIRECTORIES)))


def identity_of(user: str | None, group: str | None = None) -> Identity | None:
    """The identity of `user` and `group` by name, with the groups a login of that user gets; None: no change.

    Raises `CommandExecutionError` for a name that the system does not know.
    """
    if not user and not group:
        return None
    entry = _user_entry(user)
    gid = _group_id(group) if group else entry.pw_gid
    groups = tuple(os.getgrouplist(entry.pw_name, gid)) if user else tuple(os.getgroups())
    return Identity(entry.pw_uid, gid, groups, entry.pw_name, entry.pw_dir, entry.pw_shell)


def run(
    argv: Sequence[str | bytes],
    around: Surroundings = Surroundings(),  # noqa: B008  (immutable)
    *,
    stdin: bytes | None = None,
    timeout: float | None = None,
    merge_stderr: bool = False,
    on_output: OnOutput | None = None,
    starts_daemon: bool = False,
) -> Finished:
    """Run a program to its end and keep what it prints.

    With `starts_daemon` it gets a session of its own, so that what it leaves behind outlives the job, and the end is
    its own exit; else it is that of its output, which a daemon may hold open for ever.

    `timeout` is in seconds: then the command and all it started get SIGTERM, and a second later SIGKILL. A command that
    ended by itself has not timed out, though something it left behind may hold its output open: what was printed so far
    is the result. Raises `OSError` when the program cannot be started.
    """
    process = _spawn(
        argv,
        around,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merge_stderr else subprocess.PIPE,
        own_session=starts_daemon,
    )
    deadline = time.monotonic() + timeout if timeout else None
    with contextlib.closing(_Streams(process, stdin, on_output, until_exit=starts_daemon)) as streams:
        try:
            ended = streams.pump(deadline) and _wait(process, deadline)
        except BaseException:
            _end(process)
            raise
        # The pipes may be held by something the command left behind; its own exit decides.
        timed_out = not ended and process.poll() is None
        if timed_out:
            _end(process)
    return Finished(process.pid, process.returncode, streams.stdout, streams.stderr, timed_out)


def start(argv: Sequence[str | bytes], around: Surroundings = Surroundings()) -> int:  # noqa: B008  (immutable)
    """Start a program in a session of its own, where it outlives the job; the answer is its pid.

    Its input and output are `/dev/null`. Raises `OSError` when the program cannot be started.
    """
    none = subprocess.DEVNULL
    process = _spawn(argv, around, stdin=none, stdout=none, stderr=none, own_session=True)
    # Nobody waits for it, so that a warning about that would be noise.
    process.returncode = 0
    return process.pid


def text_of(output: bytearray, encoding: str | None = None, *, strip: bool = False) -> str:
    """The output as text; bytes that are not of the encoding (UTF-8) become U+FFFD.

    With `strip` white space at the end is cut off, in `output` itself: a second copy of a large output is saved.
    """
    if strip:
        _cut_white_space(output)
    try:
        text = output.decode(encoding or "utf-8", "replace")
    except LookupError as error:
        raise CommandExecutionError(f"Unknown output_encoding '{encoding}'") from error
    return text.rstrip() if strip else text


def _user_entry(user: str | None) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise CommandExecutionError(f"User '{user or os.geteuid()}' is not available") from error


def _group_id(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise CommandExecutionError(f"Group '{group}' is not available") from error


def _spawn(
    argv: Sequence[str | bytes],
    around: Surroundings,
    *,
    stdin: int,
    stdout: int,
    stderr: int,
    own_session: bool = False,
) -> subprocess.Popen[bytes]:
    who = _foreign(around.identity)
    return subprocess.Popen(
        argv,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=around.cwd,
        env=around.env,
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=who.groups if who else None,
        umask=-1 if around.umask is None else around.umask,
        start_new_session=own_session,
    )


def _foreign(identity: Identity | None) -> Identity | None:
    """The identity that has to be taken on; None when it is this process's own already."""
    if identity is None or os.geteuid() == 0:
        return identity
    if (identity.uid, identity.gid) != (os.geteuid(), os.getegid()):
        raise CommandExecutionError(f"Only root can run a command as '{identity.name}'")
    return None


def _wait(process: subprocess.Popen[bytes], deadline: float | None) -> bool:
    """Whether it ended by itself before the deadline."""
    try:
        process.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


class _Streams:
    """The ends of a command's pipes that are ours: feeds its input, keeps its output."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: bytes | None,
        on_output: OnOutput | None,
        *,
        until_exit: bool = False,
    ) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._process = process
        self._left = memoryview(stdin or b"")
        self._on_output = on_output
        self._selector = selectors.DefaultSelector()
        if process.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin, selectors.EVENT_WRITE, None)
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            if pipe:
                self._selector.register(pipe, selectors.EVENT_READ, name)
        self._exit = os.pidfd_open(process.pid) if until_exit else None
        if self._exit is not None:
            self._selector.register(self._exit, selectors.EVENT_READ, _EXIT)

    def pump(self, deadline: float | None) -> bool:
        """Serve the pipes until all are closed; False when the deadline passed before."""
        while self._selector.get_map():
            wait = None if deadline is None else deadline - time.monotonic()
            if wait is not None and wait <= 0:
                return False
            ready = self._selector.select(wait)
            if any(key.data is _EXIT for key, _ in ready):
                self._drain()
                return True
            for key, _ in ready:
                open_still = self._read(key.fd, key.data) if key.data else self._write(key.fd)
                if not open_still:
                    self._selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
        return True

    def close(self) -> None:
        self._selector.close()
        if self._exit is not None:
            os.close(self._exit)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def _drain(self) -> None:
        """Read what is there without waiting for more."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, str):
                os.set_blocking(key.fd, False)
                with contextlib.suppress(BlockingIOError):
                    while self._read(key.fd, key.data):
                        pass

    def _read(self, fd: int, name: str) -> bool:
        piece = os.read(fd, _PIECE_BYTES)
        kept = self.stdout if name == "stdout" else self.stderr
        kept += piece
        if piece and self._on_output:
            self._on_output(name, piece)
        return bool(piece)

    def _write(self, fd: int) -> bool:
        try:
            self._left = self._left[os.write(fd, self._left[:_PIECE_BYTES]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return bool(self._left)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all it started: politely for a moment, then for certain."""
    family = Family(process.pid)
    for signal_number, again in ((signal.SIGTERM, False), (signal.SIGKILL, True)):
        until = time.monotonic() + _TERM_GRACE
        told: set[int] = set()
        while time.monotonic() < until:
            process.poll()
            alive = set(family.alive())
            if not alive:
                break
            for pid in alive if again else alive - told:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal_number)
            told |= alive
            time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_TERM_GRACE)
    if process.returncode is None:  # it sleeps in the kernel and cannot be waited for
        process.returncode = -signal.SIGKILL


def _cut_white_space(output: bytearray) -> None:
    while output:
        tail = output[-_PIECE_BYTES:]
        kept = len(tail.rstrip())
        del output[len(output) - len(tail) + kept :]
        if kept:
            return

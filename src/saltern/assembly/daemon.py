"""The daemons: `saltern master` and `saltern minion` from their options to their end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from saltern.assembly.secrets import with_secrets
from saltern.config.common import CommonConfig
from saltern.config.salt_keys import not_yet_used
from saltern.config.user import become
from saltern.errors import ConfigError, Conflict, PermissionRefused, SalternError, from_data

log = logging.getLogger(__name__)

_START_SECONDS = 60
"""For which `-d` waits until the daemon works."""


class DaemonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says beside the configuration. Empty texts: as configured."""

    detach: bool = False
    pid_file: str = ""
    level: str = ""
    user: str = ""
    log_file: str = ""
    log_file_level: str = ""


def run_master(config_dir: str | None, options: DaemonOptions) -> int:
    """Run a master until it is told to stop; the exit status."""
    from saltern.config.master import load_master_config

    config = with_secrets(load_master_config(config_dir, _overrides(options)))
    with _daemon(
        config,
        config.cachedir / "master.pid",
        _pid_place(options, config.pidfile),
        _log_place(options, config.log_file),
        options,
    ) as started:
        import asyncio

        import uvloop

        from saltern.assembly.master import Master
        from saltern.master.serve import serve
        from saltern.minion.supervisor import notify_service_manager

        def tell(state: str) -> None:
            notify_service_manager(state)
            started()

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(serve(Master(config), tell))


def run_minion(config_dir: str | None, options: DaemonOptions) -> int:
    """Run a minion until it is told to stop; the exit status."""
    from saltern.assembly.masters import check_masters
    from saltern.assembly.minion import minion_supervisor, prepare_directories
    from saltern.config.minion import load_minion_config

    config = with_secrets(load_minion_config(config_dir, _overrides(options)))
    check_masters(config)
    with _daemon(
        config,
        config.cachedir / "minion.pid",
        _pid_place(options, config.pidfile),
        _log_place(options, config.log_file),
        options,
    ) as started:
        prepare_directories(config)
        started()
        return minion_supervisor(config).run()


def _overrides(options: DaemonOptions) -> dict[str, Any]:
    chosen = {"log_level": options.level, "user": options.user, "log_level_logfile": options.log_file_level}
    return {name: value for name, value in chosen.items() if value}


def _pid_place(options: DaemonOptions, configured: Path) -> Path:
    """What was typed is where it was typed, `root_dir` notwithstanding."""
    return Path(options.pid_file).absolute() if options.pid_file else configured


def _log_place(options: DaemonOptions, configured: str) -> str:
    typed = options.log_file
    return (typed if "://" in typed else str(Path(typed).absolute())) if typed else configured


@contextlib.contextmanager
def _daemon(
    config: CommonConfig, lock: Path, pid_file: Path, log_file: str, options: DaemonOptions
) -> Iterator[Callable[[], None]]:
    """A log, one process for one directory, and a file that says which. What it gives is called when work begins."""
    foreground = _Foreground()
    if os.geteuid() == 0:  # an ordinary user is himself, whatever the option `user` says
        become(config.user)
    _make_directory(lock.parent)
    if options.detach:
        with _only_one(lock):
            pass  # before a process is forked for nothing
        foreground = _detach()
    try:
        with _only_one(lock):
            _open_log(config, log_file, console=not options.detach)
            if unused := not_yet_used(config.extra):
                log.warning("options of Salt that mean nothing here yet: %s", ", ".join(unused))
            with _pid_file(pid_file):
                yield foreground.started
    except Exception as error:
        foreground.failed(error if isinstance(error, SalternError) else SalternError(f"cannot start: {error}"))
        raise


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        kind = PermissionRefused if isinstance(error, PermissionError) else ConfigError
        hint = "root_dir and cachedir in the configuration say where; an ordinary user's are below the home directory."
        raise kind(f"cannot make the directory {directory}: {error.strerror}", hint=hint) from error


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    import fcntl

    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise PermissionRefused(f"cannot write to {lock.parent}", hint="start it as the owner of it") from error
    try:
        try:
            # A record lock: the kernel drops it with this process, whatever its forked jobs go on doing.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            holder = os.read(descriptor, 32).decode().strip() or "unknown"
            raise Conflict(f"process {holder} works in {lock.parent} already") from None
        os.ftruncate(descriptor, 0)
        try:
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise SalternError(f"cannot write {lock}: {error.strerror}") from error
        yield
    finally:
        os.close(descriptor)


class _Foreground:
    """Tells the process that was called, which waits for it, how the start of the daemon went."""

    def __init__(self, pipe: int = -1) -> None:
        self._pipe = pipe

    def started(self) -> None:
        self._tell(b"")

    def failed(self, error: SalternError) -> None:
        self._tell(json.dumps(error.to_data()).encode())

    def _tell(self, text: bytes) -> None:
        if self._pipe >= 0:
            with contextlib.suppress(BrokenPipeError):  # who called it does not wait any longer
                os.write(self._pipe, text + b"\n")
            os.close(self._pipe)
            self._pipe = -1


def _detach() -> _Foreground:
    """Go to the background. The process that was called ends when the daemon has started, or says why it did not."""
    waiting, telling = os.pipe()
    if os.fork():
        os.close(telling)
        _wait_for_start(waiting)
        os._exit(0)
    os.close(waiting)
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    return _Foreground(telling)


def _wait_for_start(waiting: int) -> None:
    """Return when the daemon has started; raise what kept it from that."""
    if not select.select([waiting], [], [], _START_SECONDS)[0]:
        print(f"saltern: still starting after {_START_SECONDS} s; its log says why", file=sys.stderr)  # noqa: T201
        return
    with open(waiting, "rb") as pipe:
        told = pipe.readline()
    if not told:
        raise SalternError("the daemon ended while it started", hint="A start without -d shows why.")
    if told.strip():
        raise from_data(json.loads(told))


def _open_log(config: CommonConfig, log_file: str, *, console: bool) -> None:
    from saltern.config.log import log_to_console, log_to_file, set_levels

    if console:
        log_to_console(config.log_level, config.log_fmt_console, config.log_datefmt)
    level = config.log_level_logfile or config.log_level
    try:
        if "://" not in log_file:
            Path(log_file).parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        log_to_file(
            log_file, level, config.log_fmt_logfile, config.log_datefmt_logfile,
            max_bytes=config.log_rotate_max_bytes, backups=config.log_rotate_backup_count,
        )  # fmt: skip
    except OSError as error:
        if not console:
            raise PermissionRefused(f"cannot write the log {log_file}: {error.strerror}") from error
        print(f"saltern: no log file: {log_file}: {error.strerror}", file=sys.stderr)  # noqa: T201
    set_levels(config.log_granular_levels)


@contextlib.contextmanager
def _pid_file(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{os.getpid()}\n")
    except OSError as error:
        log.warning("no pid file %s: %s", path, error.strerror)
        yield
        return
    try:
        yield
    finally:
        path.unlink(missing_ok=True)

"""The daemons: `saltern master` and `saltern minion` from their options to their end."""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from saltern.config.common import CommonConfig
from saltern.config.salt_keys import not_yet_used
from saltern.errors import ConfigError, Conflict, PermissionRefused, UserError

log = logging.getLogger(__name__)


class DaemonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says beside the configuration. Empty texts: as configured."""

    detach: bool = False
    pid_file: str = ""
    level: str = ""
    user: str = ""


def run_master(config_dir: str | None, options: DaemonOptions) -> int:
    """Run a master until it is told to stop; the exit status."""
    from saltern.config.master import load_master_config

    config = load_master_config(config_dir, _overrides(options))
    with _daemon(config, config.cachedir / "master.pid", _pid_place(options, config.pidfile), config.log_file, options):
        import asyncio

        import uvloop

        from saltern.assembly.master import Master
        from saltern.master.serve import serve
        from saltern.minion.supervisor import notify_service_manager

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(serve(Master(config), notify_service_manager))


def run_minion(config_dir: str | None, options: DaemonOptions) -> int:
    """Run a minion until it is told to stop; the exit status."""
    from saltern.assembly.masters import check_masters
    from saltern.assembly.minion import minion_supervisor, prepare_directories
    from saltern.config.minion import load_minion_config

    config = load_minion_config(config_dir, _overrides(options))
    check_masters(config)
    with _daemon(config, config.cachedir / "minion.pid", _pid_place(options, config.pidfile), config.log_file, options):
        prepare_directories(config)
        return minion_supervisor(config).run()


def _overrides(options: DaemonOptions) -> dict[str, Any]:
    chosen = {"log_level": options.level, "user": options.user}
    return {name: value for name, value in chosen.items() if value}


def _pid_place(options: DaemonOptions, configured: Path) -> Path:
    """What was typed is where it was typed, `root_dir` notwithstanding."""
    return Path(options.pid_file).absolute() if options.pid_file else configured


@contextlib.contextmanager
def _daemon(config: CommonConfig, lock: Path, pid_file: Path, log_file: str, options: DaemonOptions) -> Iterator[None]:
    """A log, one process for one directory, and a file that says which."""
    _check_user(config.user)
    _make_directory(lock.parent)
    if options.detach:
        with _only_one(lock):
            pass  # what can be said on the terminal is said there
        _detach()
    with _only_one(lock):
        _open_log(config, log_file, console=not options.detach)
        if unused := not_yet_used(config.extra):
            log.warning("options of Salt that mean nothing here yet: %s", ", ".join(unused))
        with _pid_file(pid_file):
            yield


def _check_user(user: str) -> None:
    """Become the configured user where root starts the daemon; an ordinary user is himself."""
    if os.geteuid() != 0 or user == "root":
        return
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise UserError(f"there is no system user {user!r}", hint="see the option user") from None
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME=entry.pw_dir, USER=user, LOGNAME=user)


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
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _detach() -> None:
    """Go to the background: the start has succeeded as far as the configuration goes."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


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

"""Copying trees with rsync."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process

__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("rsync") is not None or (False, "rsync is not installed")


def rsync(
    src: str,
    dst: str,
    delete: bool = False,
    force: bool = False,
    update: bool = False,
    passwordfile: str | None = None,
    exclude: str | Sequence[str] | None = None,
    excludefrom: str | None = None,
    dryrun: bool = False,
    rsh: str | None = None,
    additional_opts: Sequence[str] | None = None,
    saltenv: str = "base",
) -> dict[str, Any]:
    """Copy a tree; the answer is that of `cmd.run_all`. A `salt://` source comes from the master's tree.

    `delete` removes what the source does not have, `force` directories in the way of files, `update` leaves files that
    are newer. `rsh` is the remote shell, `additional_opts` are further options of rsync.

    CLI Example::

        saltern run '*' rsync.rsync /path/to/src /path/to/dest delete=True update=True passwordfile=/etc/pass.crt
    """
    if not src or not dst:
        raise SaltInvocationError("src and dst cannot be empty")
    options = ["-avz"]
    options += ["--delete"] if delete else []
    options += ["--force"] if force else []
    options += ["--update"] if update else []
    options += [f"--rsh={rsh}"] if rsh else []
    options += [f"--password-file={passwordfile}"] if passwordfile else []
    options += [f"--exclude={one}" for one in ([exclude] if isinstance(exclude, str) else exclude or []) if one]
    options += [f"--exclude-from={excludefrom}"] if excludefrom else []
    options += ["--dry-run"] if dryrun else []
    options += [str(one) for one in additional_opts or []]
    argv = ["rsync", *options, _local(src, saltenv), dst]
    try:
        done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False)
    except OSError as error:
        raise CommandExecutionError(str(error)) from error
    return done


def _local(src: str, saltenv: str) -> str:
    if not src.startswith("salt://"):
        return src
    cached = __salt__["cp.cache_file"](src, saltenv)
    if cached:
        return str(cached)
    files = __salt__["cp.cache_dir"](src, saltenv)
    if not files:
        raise CommandExecutionError(f"{src} does not exist")
    inside = src.removeprefix("salt://").rstrip("/")
    first = str(files[0])
    return f"{first[: first.rindex(inside) + len(inside)]}{'/' if src.endswith('/') else ''}"


def version() -> str:
    """The version of rsync.

    CLI Example::

        saltern run '*' rsync.version
    """
    words = str(__salt__["cmd.run_stdout"](["rsync", "--version"], python_shell=False)).split()
    if len(words) < 3:
        raise CommandExecutionError("Unable to determine rsync version")
    return words[2]


def config(conf_path: str = "/etc/rsyncd.conf") -> str:
    """The configuration of the server of rsync, as it is.

    CLI Example::

        saltern run '*' rsync.config
    """
    place = Path(conf_path)
    if not place.exists():
        raise CommandExecutionError(f"{conf_path} does not exist")
    if place.is_dir():
        raise CommandExecutionError(f"{conf_path} is a directory")
    return place.read_text()

"""The minion itself: end it, start it again; and the keys of a master on the same machine."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from saltern.errors import Unreachable
from saltern.plugin_api import CommandExecutionError, Opts, OwnMinion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__own_minion__: OwnMinion | None

__func_alias__ = {"list_": "list"}

_STATES = ("minions", "minions_pre", "minions_rejected", "minions_denied")


def list_() -> dict[str, list[str]]:
    """The keys that a master on this machine knows, by their states; empty lists where there is no master.

    CLI Example::

        saltern run '*' minion.list
    """
    place = Path(str(__opts__.get("pki_dir", ""))).parent / "master"
    return {state: _names(place / state) for state in _STATES}


def kill(timeout: int = 15) -> dict[str, Any]:
    """End the minion. Jobs that run go on; what they return waits for the next start.

    timeout
        Seconds to wait for its end.

    CLI Example::

        saltern run '*' minion.kill
    """
    pid = _pid()
    ret: dict[str, Any] = {"killed": None, "retcode": 1, "comment": []}
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError as error:
        return ret | {"comment": [f"The minion's process {pid} cannot be ended: {error.strerror}"]}
    if not _ended(pid, timeout):
        return ret | {"comment": [f"The minion's process {pid} has not ended within {timeout} seconds."]}
    return {"killed": pid, "retcode": 0, "comment": []}


def restart(
    systemd: bool = True, win_service: bool = True, schedule_retry: bool = False, retry_delay: int = 180
) -> dict[str, Any]:
    """End the minion and start it again: by systemd where that runs it, by `minion_restart_command` of the
    configuration (a list of words), or else as it was started.

    systemd
        Whether systemd is asked where it runs the minion.
    win_service, schedule_retry, retry_delay
        Taken for Salt's sake; there is nothing for them to do.

    CLI Example::

        saltern run '*' minion.restart
        saltern run '*' minion.restart systemd=False
    """
    del win_service, schedule_retry, retry_delay
    pid = _pid()
    unit = _unit(pid)
    if systemd and unit:
        return _restarted_by_systemd(unit)
    command = [str(word) for word in __opts__.get("minion_restart_command") or _command(pid)]
    directory = _directory(pid)
    ret = kill()
    ret["restart"] = {}
    if ret["retcode"]:
        return ret
    try:
        subprocess.Popen(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return ret | {"retcode": 1, "comment": [f"{command[0]} cannot be started: {error.strerror}"]}
    return ret | {"comment": [f"Restarting minion with command: {' '.join(command)}"]}


def _pid() -> int:
    """The process that all others of the minion are started by."""
    if __own_minion__ is None:
        raise CommandExecutionError("There is no minion here.")
    try:
        return int(__own_minion__("minion", "pid", {}))
    except Unreachable as error:
        raise CommandExecutionError(error.message) from error


def _ended(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not _is_alive(pid):
            return True
        time.sleep(0.1)
    return False


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def _unit(pid: int) -> str:
    """The service of systemd that a process belongs to; empty for none."""
    if not Path("/run/systemd/system").is_dir():
        return ""
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    last = groups.strip().rpartition("/")[2]
    return last if last.endswith(".service") and not last.startswith("user@") else ""


def _restarted_by_systemd(unit: str) -> dict[str, Any]:
    # Without waiting: the end of the service would be the end of this job too.
    done = subprocess.run(["systemctl", "--no-block", "restart", unit], capture_output=True, text=True, check=False)
    comment = [f"Restarting {unit} with systemctl", *([done.stderr.strip()] if done.returncode else [])]
    return {"killed": None, "restart": {}, "service_restart": {"result": not done.returncode},
            "retcode": done.returncode, "comment": comment}  # fmt: skip


def _command(pid: int) -> list[str]:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return [word.decode("utf-8", "surrogateescape") for word in words if word]


def _directory(pid: int) -> str:
    return str(Path(f"/proc/{pid}/cwd").readlink())


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

"""Processes, and what the host has and uses of processors, memory, disks and network."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError

__salt__: Functions


# --- processes ----------------------------------------------------------------------------------------------------


def get_pid_list() -> list[int]:
    """The numbers of all processes.

    CLI Example::

        saltern run '*' ps.get_pid_list
    """
    return sorted(_psutil().pids())


def proc_info(pid: int, attrs: Sequence[str] | None = None) -> dict[str, Any]:
    """What there is to know of a process, or those of it that `attrs` names; its environment only where that is named.

    CLI Example::

        saltern run '*' ps.proc_info 2322
        saltern run '*' ps.proc_info 2322 attrs='["pid", "name"]'
    """
    psutil = _psutil()
    try:
        process = psutil.Process(int(pid))
        names = list(attrs) if attrs else sorted(_attributes())
        return {key: _plain(value) for key, value in process.as_dict(attrs=names).items()}
    except psutil.Error as error:
        raise CommandExecutionError(str(error)) from error
    except ValueError as error:
        raise SaltInvocationError(str(error)) from error


def top(num_processes: int = 5, interval: float = 3) -> list[dict[str, Any]]:
    """The processes that used the processors most within `interval` seconds.

    CLI Example::

        saltern run '*' ps.top
    """
    psutil = _psutil()
    before = {}
    for process in psutil.process_iter():
        before[process] = _used(process)
    time.sleep(float(interval))
    used = sorted(((_used(one) - was, one) for one, was in before.items()), key=lambda pair: -pair[0])
    found: list[dict[str, Any]] = []
    for _, process in used:
        if len(found) == int(num_processes):
            break
        try:
            found.append(_shown(process))
        except psutil.Error:
            continue
    return found


def _used(process: Any) -> float:
    try:
        times = process.cpu_times()
    except _psutil().Error:
        return 0.0
    return float(times.user + times.system)


def _shown(process: Any) -> dict[str, Any]:
    with process.oneshot():
        cmd = process.cmdline() or [process.name()]
        return {
            "cmd": cmd,
            "user": process.username(),
            "status": process.status(),
            "pid": process.pid,
            "create_time": process.create_time(),
            "cpu": dict(process.cpu_times()._asdict()),
            "mem": dict(process.memory_info()._asdict()),
        }


def kill_pid(pid: int, signal: int = 15) -> bool:
    """Send a process a signal; False where there is no such process, or it may not be done.

    CLI Example::

        saltern run '*' ps.kill_pid 2000 signal=9
    """
    try:
        os.kill(int(pid), int(signal))
    except (OSError, OverflowError):
        return False
    return True


def pkill(pattern: str, user: str | None = None, signal: int = 15, full: bool = False) -> dict[str, list[int]] | None:
    """Send a signal to the processes whose name (`full`: command) has a text; never to this one. None for none.

    CLI Example::

        saltern run '*' ps.pkill bash user=tom signal=9
    """
    matching = _matching(lambda text: pattern in text, user, full)
    found = [one.pid for one in matching if one.pid != os.getpid() and kill_pid(one.pid, signal)]
    return {"killed": found} if found else None


def pgrep(
    pattern: str, user: str | None = None, full: bool = False, pattern_is_regex: bool = False
) -> list[int] | None:
    """The numbers of the processes whose name (`full`: command) has a text, or fits an expression. None for none.

    CLI Example::

        saltern run '*' ps.pgrep httpd
        saltern run '*' ps.pgrep 'http.*' pattern_is_regex=True
    """
    if pattern_is_regex:
        found = re.compile(str(pattern))
        fits: Callable[[str], bool] = lambda text: found.search(text) is not None  # noqa: E731
    else:
        fits = lambda text: str(pattern) in text  # noqa: E731
    return sorted(process.pid for process in _matching(fits, user, full)) or None


def _matching(fits: Callable[[str], bool], user: str | None, full: bool) -> Iterator[Any]:
    for process in _psutil().process_iter(["name", "cmdline", "username"]):
        text = " ".join(process.info["cmdline"] or []) if full else str(process.info["name"])
        if fits(text) and user in (None, process.info["username"]):
            yield process


def psaux(name: str) -> list[Any]:
    """The lines of `ps aux` that have a text, and how many these are.

    CLI Example::

        saltern run '*' ps.psaux www-data
    """
    lines = str(__salt__["cmd.run"](["ps", "auxww"], python_shell=False)).splitlines()
    own = str(os.getpid())
    found = [line for line in lines if name in line and line.split()[1:2] != [own]]
    return [name, found, f"{len(found)} occurrence(s)."]


def lsof(name: str) -> list[Any]:
    """What `lsof` tells of the files that processes of a name have open.

    CLI Example::

        saltern run '*' ps.lsof apache2
    """
    return [name, str(__salt__["cmd.run"](["lsof", "-c", name], python_shell=False, ignore_retcode=True))]


def netstat(name: str) -> list[Any]:
    """The sockets of the programs whose name has a text.

    CLI Example::

        saltern run '*' ps.netstat apache2
    """
    return [name, [one for one in __salt__["network.netstat"]() if name in str(one.get("program", ""))]]


def ss(name: str) -> list[Any]:
    """The lines of `ss` that have a text.

    CLI Example::

        saltern run '*' ps.ss apache2
    """
    text = str(__salt__["cmd.run"](["ss", "-neap"], python_shell=False, ignore_retcode=True))
    return [name, [line.strip() for line in text.splitlines() if name in line]]


def status(status: str) -> list[dict[str, Any]]:
    """The processes in a state (`running`, `sleeping`, `zombie`, …): `pid` and `name`.

    CLI Example::

        saltern run '*' ps.status STATUS
    """
    if not status:
        raise SaltInvocationError("Filter is required for ps.status")
    found = _psutil().process_iter(["pid", "name", "status"])
    return [{"pid": one.info["pid"], "name": one.info["name"]} for one in found if one.info["status"] == status]


# --- what the host has and uses -----------------------------------------------------------------------------------


def num_cpus() -> int:
    """How many processors the host has.

    CLI Example::

        saltern run '*' ps.num_cpus
    """
    return int(_psutil().cpu_count() or 0)


def cpu_percent(interval: float = 0.1, per_cpu: bool = False) -> float | list[float]:
    """How busy the processors are within `interval` seconds, in percent, together or each.

    CLI Example::

        saltern run '*' ps.cpu_percent
    """
    found: float | list[float] = _psutil().cpu_percent(float(interval), per_cpu)
    return found


def cpu_times(per_cpu: bool = False) -> dict[str, float] | list[dict[str, float]]:
    """What the processors did since the host is up, in seconds, together or each.

    CLI Example::

        saltern run '*' ps.cpu_times
    """
    found = _psutil().cpu_times(per_cpu)
    return [dict(one._asdict()) for one in found] if per_cpu else dict(found._asdict())


def virtual_memory() -> dict[str, Any]:
    """The memory of the host in bytes.

    CLI Example::

        saltern run '*' ps.virtual_memory
    """
    return dict(_psutil().virtual_memory()._asdict())


def swap_memory() -> dict[str, Any]:
    """The swap space of the host in bytes.

    CLI Example::

        saltern run '*' ps.swap_memory
    """
    return dict(_psutil().swap_memory()._asdict())


def total_physical_memory() -> int:
    """How much memory the host has, in bytes.

    CLI Example::

        saltern run '*' ps.total_physical_memory
    """
    return int(_psutil().virtual_memory().total)


def disk_partitions(all: bool = False) -> list[dict[str, Any]]:
    """The file systems on disks, with `all` all that is mounted.

    CLI Example::

        saltern run '*' ps.disk_partitions
    """
    return [dict(one._asdict()) for one in _psutil().disk_partitions(all)]


def disk_usage(path: str) -> dict[str, Any]:
    """How full the file system is that a path lies on, in bytes.

    CLI Example::

        saltern run '*' ps.disk_usage /home
    """
    try:
        return dict(_psutil().disk_usage(path)._asdict())
    except OSError as error:
        raise CommandExecutionError(f"{path}: {error.strerror}") from error


def disk_partition_usage(all: bool = False) -> list[dict[str, Any]]:
    """The file systems on disks and how full they are.

    CLI Example::

        saltern run '*' ps.disk_partition_usage
    """
    return [{**one, **disk_usage(one["mountpoint"])} for one in disk_partitions(all)]


def disk_io_counters(device: str | None = None) -> dict[str, Any] | bool:
    """What the disks did since the host is up, together, or one; False where there is no such disk.

    CLI Example::

        saltern run '*' ps.disk_io_counters device=sda1
    """
    found = _psutil().disk_io_counters(perdisk=device is not None)
    if device is not None:
        found = (found or {}).get(device)
    return dict(found._asdict()) if found else False


def network_io_counters(interface: str | None = None) -> dict[str, Any] | bool:
    """What the network interfaces did since the host is up, together, or one; False where there is no such interface.

    CLI Example::

        saltern run '*' ps.network_io_counters interface=eth0
    """
    found = _psutil().net_io_counters(pernic=interface is not None)
    if interface is not None:
        found = (found or {}).get(interface)
    return dict(found._asdict()) if found else False


def boot_time(time_format: str | None = None) -> int | str:
    """When the host was started: in seconds since 1970, or in a form of strftime(3).

    CLI Example::

        saltern run '*' ps.boot_time
    """
    seconds = int(_psutil().boot_time())
    if not time_format:
        return seconds
    try:
        return time.strftime(time_format, time.localtime(seconds))
    except ValueError as error:
        raise SaltInvocationError(f"Invalid format string: {error}") from error


def get_users() -> list[dict[str, Any]]:
    """Who is logged in: `name`, `terminal`, `host`, `started` in seconds since 1970.

    CLI Example::

        saltern run '*' ps.get_users
    """
    return [dict(one._asdict()) for one in _psutil().users()]


def _attributes() -> set[str]:
    """The names of all that psutil knows of a process and that can be sent."""
    left_out = {"parent", "children", "connections", "environ"}
    return set(_psutil().Process().as_dict()) - left_out


def _plain(value: Any) -> Any:
    """Records as lists, at any depth."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if hasattr(value, "name") and not isinstance(value, str | int) else value


def _psutil() -> Any:
    import psutil

    return psutil

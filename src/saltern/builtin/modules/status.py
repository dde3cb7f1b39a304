"""What this host is doing: load, memory, processors, disks, network, users, processes."""

from __future__ import annotations

import fnmatch
import os
import platform
import socket
import time as clock
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import Functions, MasterRequest, Opts
from saltern.plugin_api.linux import mounts
from saltern.plugin_api.linux.files import read_text

__salt__: Functions
__opts__: Opts
__master_request__: MasterRequest | None

_DISK = (
    "reads_issued reads_merged sectors_read ms_spent_reading writes_completed writes_merged sectors_written"
    " ms_spent_writing io_in_progress ms_spent_in_io weighted_ms_spent_in_io"
)
_PROCESSOR = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_ALL = (
    "cpuinfo",
    "cpustats",
    "diskstats",
    "diskusage",
    "loadavg",
    "meminfo",
    "netdev",
    "netstats",
    "uptime",
    "vmstats",
    "w",
)


def loadavg() -> dict[str, float]:
    """How many processes wanted to run, as a mean over 1, 5 and 15 minutes.

    CLI Example::

        saltern run '*' status.loadavg
    """
    one, five, fifteen = os.getloadavg()
    return {"1-min": one, "5-min": five, "15-min": fifteen}


def uptime() -> dict[str, Any]:
    """Since when the host is up: in seconds, as a time, in days and hours; and how many users are logged in.

    CLI Example::

        saltern run '*' status.uptime
    """
    from datetime import UTC, datetime

    seconds = int(float(read_text("/proc/uptime").split()[0]))
    since = clock.time() - seconds
    days, rest = divmod(seconds, 86400)
    return {
        "seconds": seconds,
        "since_iso": datetime.fromtimestamp(since, UTC).replace(tzinfo=None).isoformat(),
        "since_t": int(since),
        "days": days,
        "time": f"{rest // 3600}:{rest % 3600 // 60}",
        "users": len(w()),
    }


def meminfo() -> dict[str, Any]:
    """The memory of the host as the kernel tells of it, each figure with its unit.

    CLI Example::

        saltern run '*' status.meminfo
    """
    found: dict[str, Any] = {}
    for line in read_text("/proc/meminfo").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        found[name] = {"value": words[0], **({"unit": words[1]} if len(words) > 1 else {})} if words else ""
    return found


def cpuinfo() -> dict[str, Any]:
    """The processor as the kernel tells of it: of several, the last.

    CLI Example::

        saltern run '*' status.cpuinfo
    """
    found: dict[str, Any] = {}
    for line in read_text("/proc/cpuinfo").splitlines():
        name, colon, value = (part.strip() for part in line.partition(":"))
        if colon:
            found[name] = value.split() if name in ("flags", "Features") else value
    return found


def cpustats() -> dict[str, Any]:
    """What the processors did since the host is up, in hundredths of a second, and what else `/proc/stat` counts.

    CLI Example::

        saltern run '*' status.cpustats
    """
    found: dict[str, Any] = {}
    for line in read_text("/proc/stat").splitlines():
        name, *values = line.split()
        numbers = [int(one) for one in values]
        if name == "cpu":
            found[name] = dict(sorted(zip(_PROCESSOR, numbers, strict=False)))
        elif name in ("intr", "softirq"):
            kind = "irqs" if name == "intr" else "softirqs"
            found[name] = {"total": numbers[0], kind: numbers[1:]}
        elif numbers:
            found[name] = numbers[0]
    return found


def nproc() -> int:
    """How many processors this process may use.

    CLI Example::

        saltern run '*' status.nproc
    """
    return len(os.sched_getaffinity(0))


def vmstats() -> dict[str, int]:
    """What the kernel counts of its virtual memory.

    CLI Example::

        saltern run '*' status.vmstats
    """
    rows = (line.split() for line in read_text("/proc/vmstat").splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}


def diskstats() -> dict[str, dict[str, Any]]:
    """What the block devices did since the host is up.

    CLI Example::

        saltern run '*' status.diskstats
    """
    found: dict[str, dict[str, Any]] = {}
    for line in read_text("/proc/diskstats").splitlines():
        major, minor, device, *counts = line.split()
        figures = dict(zip(_DISK.split(), map(int, counts), strict=False))
        found[device] = {"major": int(major), "minor": int(minor), "device": device, **figures}
    return found


def diskusage(*args: str) -> dict[str, dict[str, int]]:
    """The bytes `total` and `available` of what is mounted, by mount point; `args` are mount points or kinds, as globs.

    CLI Example::

        saltern run '*' status.diskusage
        saltern run '*' status.diskusage / ext?
    """
    found: dict[str, dict[str, int]] = {}
    for one in mounts.mounted().values():
        if args and not any(fnmatch.fnmatchcase(one.name, arg) or fnmatch.fnmatchcase(one.fstype, arg) for arg in args):
            continue
        try:
            space = os.statvfs(one.name)
        except OSError:
            continue
        sizes = {"available": space.f_bavail * space.f_frsize, "total": space.f_blocks * space.f_frsize}
        found[one.name] = sizes
    return found


def netdev() -> dict[str, dict[str, Any]]:
    """What the network interfaces sent and received since the host is up.

    CLI Example::

        saltern run '*' status.netdev
    """
    lines = read_text("/proc/net/dev").splitlines()
    received, sent = (part.split() for part in lines[1].split("|")[1:3])
    names = [f"rx_{name}" for name in received] + [f"tx_{name}" for name in sent]
    found = {}
    for line in lines[2:]:
        interface, _, counts = line.partition(":")
        figures = dict(zip(names, map(int, counts.split()), strict=False))
        found[interface.strip()] = {"iface": interface.strip(), **dict(sorted(figures.items()))}
    return found


def netstats() -> dict[str, dict[str, int]]:
    """What the kernel counts of network protocols.

    CLI Example::

        saltern run '*' status.netstats
    """
    lines = read_text("/proc/net/netstat").splitlines()
    found = {}
    for names, counts in zip(lines[::2], lines[1::2], strict=False):
        kind, _, words = names.partition(":")
        found[kind] = dict(zip(words.split(), map(int, counts.partition(":")[2].split()), strict=False))
    return found


def w() -> list[dict[str, str]]:
    """Who is logged in: `user`, `tty`, `login` (since when), `idle`, `jcpu`, `pcpu` and `what`.

    CLI Example::

        saltern run '*' status.w
    """
    if not __salt__["cmd.which"]("w"):
        return []
    names = ("user", "tty", "login", "idle", "jcpu", "pcpu", "what")
    rows = (line.split(None, 6) for line in str(__salt__["cmd.run"](["w", "-fh"], python_shell=False)).splitlines())
    return [dict(zip(names, row, strict=False)) for row in rows if len(row) > 5]


def procs() -> dict[str, dict[str, str]]:
    """The processes of the host by their number: `user` and `cmd`.

    CLI Example::

        saltern run '*' status.procs
    """
    import psutil

    found = {}
    for one in psutil.process_iter(["username", "cmdline", "name"]):
        found[str(one.pid)] = {"user": str(one.info["username"]), "cmd": _command(one.info)}
    return found


def pid(sig: str) -> str:
    """The numbers of the processes whose command has a text, one a line; this process is none of them.

    CLI Example::

        saltern run '*' status.pid salt-minion
    """
    if not sig:
        return ""
    import psutil

    own = {os.getpid(), os.getppid()}
    known = psutil.process_iter(["cmdline", "name"])
    return "\n".join(str(one.pid) for one in known if sig in _command(one.info) and one.pid not in own)


def _command(info: Mapping[str, Any]) -> str:
    """The command of a process, or its name in brackets where it has none, as those of the kernel."""
    return " ".join(info["cmdline"] or []) or f"[{info['name']}]"


def version() -> str:
    """The version of the kernel.

    CLI Example::

        saltern run '*' status.version
    """
    return read_text("/proc/version") or " ".join(platform.uname())


def time(format: str = "%A, %d. %B %Y %I:%M%p") -> str:
    """The local time in a form of strftime(3).

    CLI Example::

        saltern run '*' status.time '%s'
    """
    return clock.strftime(format)


def custom() -> dict[str, Any]:
    """Those figures of the others that the options `status.<function>.custom` name.

    CLI Example::

        saltern run '*' status.custom
    """
    found: dict[str, Any] = {}
    for key, wanted in _options().items():
        name = key.split(".")[1]
        if not key.endswith(".custom") or name not in _ALL:
            continue
        answer = __salt__[f"status.{name}"]()
        if isinstance(answer, Mapping):
            found.update({one: answer[one] for one in wanted if one in answer})
    return found


def _options() -> dict[str, Any]:
    return {key: value for key, value in __opts__.items() if str(key).startswith("status.")}


def all_status() -> dict[str, Any]:
    """What all the other functions tell of load, memory, processors, disks and network.

    CLI Example::

        saltern run '*' status.all_status
    """
    return {name: __salt__[f"status.{name}"]() for name in _ALL}


def ping_master(master: str) -> bool:
    """Whether a host takes connections at the port of a master.

    CLI Example::

        saltern run '*' status.ping_master salt.example.com
    """
    if not master:
        return False
    try:
        with socket.create_connection((master, int(__opts__.get("master_port") or 4510)), timeout=3):
            return True
    except OSError:
        return False


def master(master: str | None = None, connected: bool = True) -> bool:
    """Whether this minion has a connection to its master.

    CLI Example::

        saltern run '*' status.master
    """
    return __master_request__ is not None

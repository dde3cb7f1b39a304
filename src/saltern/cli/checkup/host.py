"""The host: its clock, its disks, its own name."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from saltern.cli.checkup.finding import Finding, bad, good, warning

_UNSYNCHRONISED = 0x40
"""`STA_UNSYNC` of the kernel's clock status."""
_EARLIEST = 1_767_225_600
"""2026-01-01 UTC: a clock that says less has lost its time."""
_FULL, _NEARLY_FULL = 0.02, 0.10
_LEAST_BYTES = 100 << 20
_SLOW = 1.0


def clock() -> Finding:
    """Whether the clock can be right, and whether anything keeps it so."""
    if time.time() < _EARLIEST:
        shown = time.strftime("%Y-%m-%d", time.gmtime())
        return bad("clock", f"the clock says {shown}", "set it: certificates are not valid yet for this host")
    if _is_synchronised():
        return good("clock", "kept by a time service")
    return warning(
        "clock", "nothing keeps the clock right", "run a time service (chrony, systemd-timesyncd); jobs carry times"
    )


def disks(places: Sequence[tuple[str, Path]]) -> Iterator[Finding]:
    """Whether there is room, and whether this user may write. `places` are names and directories."""
    for name, place in places:
        there = next(path for path in (place, *place.parents) if path.exists())
        yield _room(name, there)
        if place.exists() and not os.access(place, os.W_OK):
            yield bad("permissions", f"{place} cannot be written by this user", f"chown it to the user of {name}")


def own_name() -> Finding:
    """Whether the host's name leads to an address, and how fast."""
    name, start = socket.gethostname(), time.monotonic()
    try:
        socket.getaddrinfo(name, None)
    except OSError as error:
        return warning("DNS", f"{name} has no address ({error.strerror or error})", "add the host's name to /etc/hosts")
    return _quick(name, time.monotonic() - start)


def resolved(host: str) -> tuple[list[str], Finding]:
    """The addresses of a name, and what is to say of that."""
    start = time.monotonic()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return [], bad(
            "DNS",
            f"{host} has no address ({error.strerror or error})",
            "set master to a name that resolves, or to an address; see /etc/resolv.conf and /etc/hosts",
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    slow = _quick(host, time.monotonic() - start)
    return addresses, slow if slow.advice else good("DNS", f"{host} is {', '.join(addresses)}")


def _quick(name: str, seconds: float) -> Finding:
    if seconds < _SLOW:
        return good("DNS", f"{name} resolves")
    return warning("DNS", f"{name} took {seconds:.1f} s to resolve", "see the name servers in /etc/resolv.conf")


def _room(name: str, place: Path) -> Finding:
    status = os.statvfs(place)
    free = status.f_bavail * status.f_frsize
    share = status.f_bavail / status.f_blocks if status.f_blocks else 1.0
    files = status.f_favail / status.f_files if status.f_files else 1.0
    text = f"{place} ({name}): {_bytes(free)} free, {share:.0%}"
    if files < _FULL:
        return bad("disk", f"{place} ({name}): no inodes are left", "remove files that nobody needs")
    if share < _FULL or free < _LEAST_BYTES:
        return bad("disk", text, "make room: jobs are refused when they cannot be written down")
    if min(share, files) < _NEARLY_FULL:
        return warning("disk", text, "make room, or keep less: keep_jobs_seconds, keep_jobs_bytes")
    return good("disk", text)


def _bytes(number: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def _is_synchronised() -> bool:
    """What the kernel says of its clock (`adjtimex`); where it cannot be asked, nothing is held against it."""
    import ctypes

    class Timex(ctypes.Structure):
        _fields_ = (
            ("modes", ctypes.c_uint),
            ("offset", ctypes.c_long),
            ("freq", ctypes.c_long),
            ("maxerror", ctypes.c_long),
            ("esterror", ctypes.c_long),
            ("status", ctypes.c_int),
            ("rest", ctypes.c_char * 256),
        )

    answer = Timex()
    try:
        if ctypes.CDLL(None).adjtimex(ctypes.byref(answer)) < 0:
            return True
    except (OSError, AttributeError):
        return True
    return not answer.status & _UNSYNCHRONISED

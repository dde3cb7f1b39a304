"""The processes that a command started, from `/proc`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Family:
    """A command and what it started, found by parent.

    What lost its parent is found by its process group, if this process leads one, as a job does. In a group led by
    somebody else a process without its parent may be anybody's, and is not touched.
    """

    def __init__(self, pid: int) -> None:
        self._members = {pid}
        known = _read_stat(pid)
        self._start = known.start if known else 0
        self._finds_orphans = known is not None and os.getpgrp() == os.getpid()

    def alive(self) -> Iterator[int]:
        table = {pid: known for pid in _pids() if (known := _read_stat(pid))}
        if self._finds_orphans:
            self._members.update(pid for pid, known in table.items() if self._is_orphan(pid, known, table))
        grown = True
        while grown:
            children = {pid for pid, known in table.items() if known.parent in self._members} - self._members
            self._members |= children
            grown = bool(children)
        self._members &= table.keys()
        return iter(self._members)

    def _is_orphan(self, pid: int, known: _Known, table: Mapping[int, _Known]) -> bool:
        """A younger process of our group whose parent is elsewhere: the command's child left it behind."""
        group = os.getpgrp()
        parent = table.get(known.parent)
        return (
            known.group == group
            and known.start >= self._start
            and pid != os.getpid()
            and (parent is None or parent.group != group)
        )


class _Known(NamedTuple):
    """What `/proc/PID/stat` says: parent, process group, and start in clock ticks since boot."""

    parent: int
    group: int
    start: int


def _pids() -> Iterator[int]:
    try:
        names = os.listdir("/proc")
    except FileNotFoundError:
        return iter(())
    return (int(name) for name in names if name.isdigit())


def _read_stat(pid: int) -> _Known | None:
    """None for a process that is gone, or dead and not yet waited for."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  (pathlib costs more than the read)
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return _Known(parent=int(fields[1]), group=int(fields[2]), start=int(fields[19]))

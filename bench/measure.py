"""How figures are taken: medians and spread, processor time from the kernel, memory as proportional share."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")


class Figure:
    """One measured thing. `key` names it in the JSON, and is the same for us and for a peer.

    `cpu` holds microseconds of processor time a unit of work (a command, a minion, a return). A budget is an upper
    bound, with `more_is_better` a lower one.
    """

    def __init__(
        self,
        key: str,
        what: str,
        values: Sequence[float],
        unit: str,
        *,
        budget: float | None = None,
        cpu: Sequence[float] = (),
        more_is_better: bool = False,
        note: str = "",
    ) -> None:
        self.key = key
        self.what = what
        self.values = list(values)
        self.unit = unit
        self.budget = budget
        self.cpu = list(cpu)
        self.more_is_better = more_is_better
        self.note = note

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def cpu_median(self) -> float | None:
        return statistics.median(self.cpu) if self.cpu else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is met; None where there is none."""
        if self.budget is None:
            return None
        return self.median >= self.budget if self.more_is_better else self.median <= self.budget

    def times_better_than(self, peer: Figure) -> float:
        ours, theirs = (peer.median, self.median) if self.more_is_better else (self.median, peer.median)
        return theirs / ours

    def data(self) -> dict[str, object]:
        return {"key": self.key, "what": self.what, "median": self.median, "values": self.values, "unit": self.unit,
                "cpu_us": self.cpu, "budget": self.budget, "met": self.met, "note": self.note}  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command_times(command: Sequence[str], runs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of wall time and microseconds of processor time of a command, each run in a new process.

    One run before warms the page cache. `AssertionError` when the command fails.
    """
    taken = [command_time(command) for _ in range(runs + 1)][1:]
    return [wall for wall, _ in taken], [cpu for _, cpu in taken]


def command_time(command: Sequence[str]) -> tuple[float, float]:
    with tempfile.TemporaryFile() as printed:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            raise AssertionError(
                f"{command} ended with {process.returncode}: {printed.read().decode(errors='replace')}"
            )
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1e6


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads so far; 0 for one that has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pss_kib(*pids: int) -> float:
    """Proportional set size of processes."""
    return sum(_pss_kib(pid) for pid in pids)


def _pss_kib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    raise ValueError(pid)


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


@contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """Processes started inside run on one processor, where there is more than one."""
    before = os.sched_getaffinity(0)
    if len(before) > 1:
        os.sched_setaffinity(0, {sorted(before)[cpu]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def calibration() -> list[Figure]:
    """What this machine can do, to compare figures of different machines by ratio."""
    return [
        Figure("calibrate_loop", "calibration: 1e6 rounds of an empty Python loop", _loops(), "ms"),
        Figure("calibrate_hash", "calibration: SHA-256 of 64 MiB", [_hash() * 1000 for _ in range(3)], "ms"),
        Figure("calibrate_fsync", "calibration: write and fsync of 4 KiB", _fsyncs(), "ms"),
    ]


def _loops() -> list[float]:
    return [timed(lambda: [None for _ in range(1_000_000)]) * 1000 for _ in range(5)]


def _hash() -> float:
    data = bytes(64 << 20)
    return timed(lambda: hashlib.sha256(data).digest())


def _fsyncs() -> list[float]:
    with tempfile.TemporaryFile() as file:

        def once() -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return [timed(once) * 1000 for _ in range(20)]

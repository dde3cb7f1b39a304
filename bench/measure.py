"""How the figures are taken: medians with their spread, processor time from the kernel, memory as proportional share."""

from __future__ import annotations

import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Figure:
    """One row of the report."""

    def __init__(self, what: str, values: list[float], unit: str, budget: float | None = None, note: str = "") -> None:
        self.what = what
        self.values = values
        self.unit = unit
        self.budget = budget
        self.note = note

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def row(self) -> str:
        spread = f"{min(self.values):.4g} .. {max(self.values):.4g}" if len(self.values) > 1 else ""
        budget = f"budget {self.budget:.4g}" if self.budget is not None else ""
        return f"{self.what:<58} {self.median:>10.4g} {self.unit:<12} {spread:<22} {budget:<14} {self.note}".rstrip()

    def data(self) -> dict[str, object]:
        return {"what": self.what, "median": self.median, "values": self.values, "unit": self.unit,
                "budget": self.budget, "note": self.note}  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pss_kib(pid: int) -> float:
    """Proportional set size of a process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    raise ValueError(pid)


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    import psutil

    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


@contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """Processes started inside run on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def calibration() -> list[Figure]:
    """What this machine can do, to compare figures of different machines by ratio."""
    return [
        Figure("calibration: 1e6 rounds of an empty Python loop", [_loop() * 1000 for _ in range(5)], "ms"),
        Figure("calibration: SHA-256 of 64 MiB", [_hash() * 1000 for _ in range(3)], "ms"),
        Figure("calibration: write and fsync of 4 KiB", _fsyncs(), "ms"),
    ]


def _loop() -> float:
    return timed(lambda: [None for _ in range(1_000_000)])


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

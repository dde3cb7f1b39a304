"""What a fleet costs: simulated minions that join in steps, with the same figures taken at each size."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab import SALTERN, Lab, until

from bench.measure import Figure, cpu_seconds, pinned, pss_kib
from bench.one import run_job

_BUDGETS = {1000: 0.1, 5000: 0.35, 10_000: 0.6}
"""Seconds for fan-out and fan-in."""
_BURST = 5
"""Jobs that are published at once."""
_PACED, _PACED_JOBS_A_SECOND = 100, 10


def fleets(sizes: Sequence[int], runs: int) -> Iterator[list[Figure]]:
    """The figures of each size. A master and its minions have a processor each, where there are two."""
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory, Lab(Path(directory)) as lab:
        with pinned(0):
            lab.start_master()
        empty = pss_kib(lab.pid("master"))
        with ExitStack() as swarms:
            for before, size in zip([0, *sizes], sizes, strict=False):
                joined = _join(lab, swarms, size - before, size)
                back = _restart(lab, size)
                yield [joined, back, _memory(lab, empty, size), *_fan_out(lab, size, runs), *_burst(lab, size)]


def acknowledged(runs: int) -> list[Figure]:
    """How long a return waits for the master's "stored" at a steady load, which is no burst."""
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory, Lab(Path(directory)) as lab:
        with pinned(0):
            lab.start_master()
        with _swarm(lab, "paced", _PACED, _PACED) as swarm:
            for _ in range(_PACED_JOBS_A_SECOND * runs):
                lab.ask("publish", tgt="*", fun="test.ping")
                time.sleep(1 / _PACED_JOBS_A_SECOND)
            time.sleep(1)
            counts = _ended(swarm)
    if counts["stored"] != counts["returns"]:
        raise AssertionError(f"not all returns were stored: {counts}")
    load = f"{_PACED} minions, about {_PACED * _PACED_JOBS_A_SECOND} returns/s"
    return [
        Figure("ack_median", f"{load}: return to stored, median", [counts["ack_p50_ms"]], "ms"),
        Figure("ack_p99", f"{load}: the same, 99th percentile", [counts["ack_p99_ms"]], "ms", budget=25),
    ]


def _join(lab: Lab, swarms: ExitStack, count: int, size: int) -> Figure:
    """More minions: a key, a certificate and a connection for each."""
    before = cpu_seconds(lab.pid("master"))
    start = time.perf_counter()
    swarms.enter_context(_swarm(lab, f"s{size}", count, size))
    seconds = time.perf_counter() - start
    cpu = (cpu_seconds(lab.pid("master")) - before) * 1e6 / count
    return Figure(f"join_{size}", f"{size} minions: {count} enrol and connect", [seconds], "s", cpu=[cpu])


def _restart(lab: Lab, size: int) -> Figure:
    lab.stop_master(signal.SIGKILL)
    with pinned(0):
        start = time.perf_counter()
        lab.start_master()
    until(lambda: connected(lab) >= size, 120, "not all came back")
    seconds = time.perf_counter() - start
    cpu = cpu_seconds(lab.pid("master")) * 1e6 / size
    return Figure(f"reconnect_{size}", f"{size} minions: all back after SIGKILL and start of the master", [seconds],
                  "s", cpu=[cpu], budget=size / 2000)  # fmt: skip


def _memory(lab: Lab, empty: float, size: int) -> Figure:
    used = (pss_kib(lab.pid("master")) - empty) / size
    return Figure(f"memory_{size}", f"{size} minions: master memory a connected minion", [used], "KiB PSS", budget=30)


def _fan_out(lab: Lab, size: int, runs: int) -> list[Figure]:
    rounds = [_round(lab, size) for _ in range(runs)]
    what = f"{size} minions: test.ping to all, durable, to the last return"
    return [Figure(f"fan_out_{size}", what, [seconds for seconds, _ in rounds], "s", budget=_BUDGETS.get(size),
                   cpu=[cpu for _, cpu in rounds])]  # fmt: skip


def _round(lab: Lab, size: int) -> tuple[float, float]:
    """Seconds, and microseconds of the master's processor time a minion."""
    before = cpu_seconds(lab.pid("master"))
    start = time.perf_counter()
    _check(run_job(lab.socket, "*", "test.ping", []), size)
    seconds = time.perf_counter() - start
    return seconds, (cpu_seconds(lab.pid("master")) - before) * 1e6 / size


def _burst(lab: Lab, size: int) -> list[Figure]:
    """Several jobs at once: what the master stores a second."""
    before = cpu_seconds(lab.pid("master"))
    start = time.perf_counter()
    jids = [lab.ask("publish", tgt="*", fun="test.ping")["jid"] for _ in range(_BURST)]
    for jid in jids:
        _check(lab.ask("follow", jid=jid, wait=60.0, bodies=False)["counts"], size)
    rate = size * _BURST / (time.perf_counter() - start)
    cpu = (cpu_seconds(lab.pid("master")) - before) * 1e6 / (size * _BURST)
    return [Figure(f"returns_{size}", f"{size} minions: durable returns, {_BURST} jobs at once", [rate], "returns/s",
                   budget=20_000, cpu=[cpu], more_is_better=True)]  # fmt: skip


def _check(counts: dict[str, int], size: int) -> None:
    if counts.get("returned") != size:
        raise AssertionError(f"not all of {size} returned: {counts}")


@contextmanager
def _swarm(lab: Lab, name: str, count: int, total: int) -> Iterator[subprocess.Popen[str]]:
    """Simulated minions until the end of the block; entered when `total` minions are connected in all."""
    command = [*SALTERN, "swarm", "--name", name, "--count", str(count), "--master", f"127.0.0.1:{lab.port}"]
    with (lab.root / f"{name}.log").open("w") as errors:
        with pinned(1):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            until(lambda: connected(lab) >= total, 60 + count / 20, f"not all of {total} simulated minions connected")
            yield process
        finally:
            _ended(process)


def connected(lab: Lab) -> int:
    return int(lab.ask("ping")["connected"])


def _ended(swarm: subprocess.Popen[str]) -> dict[str, float]:
    """Stop a swarm; what it counted (nothing, when it was stopped before)."""
    if swarm.poll() is not None:
        return {}
    swarm.send_signal(signal.SIGTERM)
    out, _ = swarm.communicate(timeout=60)
    counts: dict[str, float] = json.loads(out.splitlines()[-1])
    return counts

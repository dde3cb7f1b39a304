"""What an export costs the commands: their latency with the other store there, away and back, at a steady load.

The store is a Redis of its own. Without `redis-server` there are no figures.
"""

from __future__ import annotations

import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from lab import Lab, free_port, until

from bench.fleet import connected
from bench.measure import Figure, pinned

_MINIONS, _JOBS_A_SECOND = 50, 10
_SECONDS = 15.0


def outage(runs: int) -> list[Figure]:
    """Figures before, during and after an outage of `runs` times some seconds each."""
    if shutil.which("redis-server") is None:
        return []
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory:
        port = free_port()
        options = {"master_job_cache": "redis", "redis": {"host": "127.0.0.1", "port": port}}
        with Lab(Path(directory) / "lab", master=options) as lab:
            store = _redis(Path(directory), port)
            try:
                return _figures(lab, store, Path(directory), port, runs)
            finally:
                store.send_signal(signal.SIGKILL)


def _figures(lab: Lab, store: subprocess.Popen[bytes], directory: Path, port: int, runs: int) -> list[Figure]:
    with pinned(0):
        lab.start_master()
    lab.start_swarm("s", _MINIONS)
    until(lambda: connected(lab) >= _MINIONS, 60, "not connected")
    seconds = _SECONDS * max(1, runs // 5)
    _latencies(lab, 3.0)
    before = _latencies(lab, seconds)
    store.send_signal(signal.SIGKILL)
    store.wait()
    during = _latencies(lab, seconds)
    waiting = lab.ask("exports")["exports"][0]["waiting"]
    again = _redis(directory, port)
    start = time.perf_counter()
    try:
        until(lambda: lab.ask("exports")["exports"][0]["waiting"] == 0, 120, "not everything arrived")
    finally:
        again.send_signal(signal.SIGKILL)
    drained = time.perf_counter() - start
    load = f"{_MINIONS} minions, {_MINIONS * _JOBS_A_SECOND} returns/s exported"
    return [
        Figure("export_p50", f"{load}: job to last return, median", [statistics.median(before)], "ms"),
        Figure("export_p99", f"{load}: the same, 99th percentile", [_p99(before)], "ms"),
        Figure("outage_p50", "with the store away: median", [statistics.median(during)], "ms"),
        Figure("outage_p99", "with the store away: 99th percentile", [_p99(during)], "ms", budget=_p99(before) * 1.1),
        Figure("outage_drain", f"{waiting} returns after the store is back", [drained], "s"),
    ]


def _latencies(lab: Lab, seconds: float) -> list[float]:
    """Milliseconds from a job to its last return, at a steady pace."""
    found = []
    for number in range(int(seconds * _JOBS_A_SECOND)):
        start = time.perf_counter()
        jid = lab.ask("publish", tgt="*", fun="test.ping")["jid"]
        counts = lab.ask("follow", jid=jid, wait=60.0, bodies=False)["counts"]
        if counts.get("returned") != _MINIONS:
            raise AssertionError(f"job {number}: not all returned: {counts}")
        found.append((time.perf_counter() - start) * 1000)
        time.sleep(max(0.0, 1 / _JOBS_A_SECOND - (time.perf_counter() - start)))
    return found


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _redis(directory: Path, port: int) -> subprocess.Popen[bytes]:
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory), "--save", ""]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL)

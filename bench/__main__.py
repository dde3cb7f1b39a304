"""`make bench`: prints each figure with its unit, its spread and its budget, and keeps them in .bench/.

    python -m bench [--minions 1000,5000] [--only WORD] [--runs N]

The master is bound to one processor and the simulated minions to the other where there are two.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

from lab import SALTERN, Lab, until

from bench.measure import Figure, calibration, cpu_seconds, pinned, pss_kib, timed, tree
from saltern.client.blocking import MasterSocket

RESULTS = Path(__file__).parent.parent / ".bench"


def main() -> int:
    options = _options()
    figures: list[Figure] = []
    print(f"{platform.platform()}, Python {platform.python_version()}")
    _add(figures, calibration())
    for name, bench in _benches(options):
        if options.only in name:
            _add(figures, bench())
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"saltern-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps([figure.data() for figure in figures], indent=1))
    print(f"kept in {path}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--minions", default="1000,5000", help="sizes of the simulated fleets")
    parser.add_argument("--only", default="", help="benchmarks whose name contains this")
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def _benches(options: argparse.Namespace) -> list[tuple[str, Callable[[], list[Figure]]]]:
    sizes = [int(size) for size in options.minions.split(",")]
    fleets = [(f"fleet-{size}", lambda size=size: fleet(size, options.runs)) for size in sizes]
    return [("one", lambda: one_minion(options.runs)), *fleets]


def _add(figures: list[Figure], new: list[Figure]) -> None:
    for figure in new:
        print(figure.row(), flush=True)
    figures += new


# --- one minion ---------------------------------------------------------------------------------------------------


def one_minion(runs: int) -> list[Figure]:
    """Start-up times, memory at rest, and the way of one job."""
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory, Lab(Path(directory)) as lab:
        lab.start_master()
        lab.start_minions(["m1"])  # enrols
        lab.stop("m1")
        ready = [_ready_seconds(lab) for _ in range(runs)]
        time.sleep(2)
        processes = tree(lab.pid("m1"))
        rest = sum(pss_kib(pid) for pid in processes) / 1024
        socket = lab.socket
        command = [*SALTERN, "run", "-c", str(lab.config), "m1", "test.ping"]
        call = [*SALTERN, "call", "-c", str(lab.minion_directory("m1")), "--local", "test.ping"]
        return [
            Figure("saltern run m1 test.ping, cold process", _commands(command, 4 * runs), "ms", 60),
            Figure("saltern call --local test.ping, cold process", _commands(call, 4 * runs), "ms", 100),
            Figure("test.ping through the client API, warm", [_ping(socket, "m1") for _ in range(20 * runs)], "ms"),
            Figure("cmd.run true through the client API (a forked worker)",
                   [_job(socket, "m1", "cmd.run", ["true"]) for _ in range(4 * runs)], "ms"),
            Figure("minion: process start until a job can reach it", [1000 * seconds for seconds in ready], "ms", 300),
            Figure(f"minion at rest, {len(processes)} processes", [rest], "MiB PSS", 30),
        ]  # fmt: skip


def _commands(command: list[str], runs: int) -> list[float]:
    def once() -> None:
        subprocess.run(command, check=True, capture_output=True)

    once()
    return [timed(once) * 1000 for _ in range(runs)]


def _ready_seconds(lab: Lab) -> float:
    if "m1" in lab.running():
        lab.stop("m1")
    socket = lab.socket
    start = time.perf_counter()
    lab.start_minion("m1")
    while not socket.ask({"verb": "fleet"})["minions"]["m1"]["connected"]:
        time.sleep(0.005)
    return time.perf_counter() - start


def _ping(socket: MasterSocket, target: str) -> float:
    return _job(socket, target, "test.ping", [])


def _job(socket: MasterSocket, target: str, fun: str, arg: list[str]) -> float:
    """Milliseconds from the request to the last return."""
    return timed(lambda: run_job(socket, target, fun, arg)) * 1000


def run_job(socket: MasterSocket, target: str, fun: str, arg: list[str]) -> dict[str, int]:
    """Publish, follow to the end with all bodies; the counts of outcomes."""
    published = socket.ask({"verb": "publish", "tgt": target, "fun": fun, "arg": arg})
    counts: dict[str, int] = socket.ask({"verb": "follow", "jid": published["jid"], "wait": 60.0})["counts"]
    return counts


# --- a fleet ------------------------------------------------------------------------------------------------------


def fleet(size: int, runs: int) -> list[Figure]:
    """Simulated minions: memory, fan-out and fan-in, durable returns, reconnects."""
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory, Lab(Path(directory)) as lab:
        socket = lab.socket
        with pinned(0):
            lab.start_master()
        empty = pss_kib(lab.pid("master"))
        with _swarm(lab, size, "first"):
            pass  # enrols them; their certificates are kept
        with _swarm(lab, size, "second") as swarm:
            connected = pss_kib(lab.pid("master"))
            rounds = [_round(lab, socket, size) for _ in range(runs)]
            burst = _burst(lab, socket, size, 5)
            reconnect = _reconnect(lab, socket, size)
            counts = _counts(swarm)
        budgets = {1000: 0.1, 5000: 0.35, 10_000: 0.6, 50_000: 3.0}
        return [
            Figure(f"{size} minions: master memory a connected minion", [(connected - empty) / size], "KiB PSS", 30),
            Figure(f"{size} minions: test.ping to all, durable, to the last return", [r[0] for r in rounds], "s",
                   budgets.get(size)),
            Figure(f"{size} minions: master processor time a minion and job", [r[1] for r in rounds], "us"),
            Figure(f"{size} minions: durable returns, 5 jobs at once", [burst[0]], "returns/s", 20_000),
            Figure(f"{size} minions: the same, master processor time a return", [burst[1]], "us", 50),
            Figure(f"{size} minions: return to stored, median", [counts["ack_p50_ms"]], "ms"),
            Figure(f"{size} minions: return to stored, 99th percentile", [counts["ack_p99_ms"]], "ms", 25),
            Figure(f"{size} minions: all back after SIGKILL and start of the master", [reconnect], "s", size / 2000),
        ]  # fmt: skip


@contextmanager
def _swarm(lab: Lab, size: int, name: str) -> Iterator[subprocess.Popen[str]]:
    state = lab.root / "swarm"
    command = [*SALTERN, "swarm", "--count", str(size), "--master", f"127.0.0.1:{lab.port}", "--state", str(state)]
    errors = (lab.root / f"swarm-{name}.log").open("w")
    with pinned(1):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        until(lambda: connected_count(lab) >= size, 60 + size / 50, f"not all of {size} simulated minions connected")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        errors.close()


def connected_count(lab: Lab) -> int:
    return int(lab.ask("ping")["connected"])


def _round(lab: Lab, socket: MasterSocket, size: int) -> tuple[float, float]:
    """Seconds, and microseconds of the master's processor time a minion."""
    before = cpu_seconds(lab.pid("master"))
    start = time.perf_counter()
    counts = run_job(socket, "*", "test.ping", [])
    seconds = time.perf_counter() - start
    if counts.get("returned") != size:
        raise AssertionError(f"not all returned: {counts}")
    return seconds, (cpu_seconds(lab.pid("master")) - before) * 1e6 / size


def _burst(lab: Lab, socket: MasterSocket, size: int, jobs: int) -> tuple[float, float]:
    """Returns a second, and microseconds of processor time each, when several jobs come at once."""
    before = cpu_seconds(lab.pid("master"))
    start = time.perf_counter()
    jids = [socket.ask({"verb": "publish", "tgt": "*", "fun": "test.ping"})["jid"] for _ in range(jobs)]
    for jid in jids:
        counts = socket.ask({"verb": "follow", "jid": jid, "wait": 60.0, "bodies": False})["counts"]
        if counts.get("returned") != size:
            raise AssertionError(f"not all returned: {counts}")
    seconds = time.perf_counter() - start
    return size * jobs / seconds, (cpu_seconds(lab.pid("master")) - before) * 1e6 / (size * jobs)


def _reconnect(lab: Lab, socket: MasterSocket, size: int) -> float:
    lab.stop_master(signal.SIGKILL)
    with pinned(0):
        lab.start_master()
    start = time.perf_counter()
    until(lambda: connected_count(lab) >= size, 120, "not all came back")
    seconds = time.perf_counter() - start
    run_job(socket, "*", "test.ping", [])
    return seconds


def _counts(swarm: subprocess.Popen[str]) -> dict[str, float]:
    swarm.send_signal(signal.SIGTERM)
    out, _ = swarm.communicate(timeout=60)
    counts: dict[str, float] = json.loads(out.splitlines()[-1])
    return counts


if __name__ == "__main__":
    sys.exit(main())

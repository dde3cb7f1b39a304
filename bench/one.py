"""What one minion costs, and a few: start-up times, memory at rest, the way of one job."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from lab import SALTERN, Lab

from bench.measure import Figure, command_times, cpu_seconds, pss_kib, timed, tree
from saltern.client.blocking import MasterSocket
from saltern.client.connection import Client

FEW = 5
_REST = 2.0
"""Seconds until what a start left behind is done with."""


def one_minion(runs: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="saltern-bench-") as directory, Lab(Path(directory)) as lab:
        lab.start_master()
        lab.start_minions(["m1"])  # enrols
        lab.stop("m1")
        ready = [_ready(lab) for _ in range(runs)]
        time.sleep(_REST)
        figures = [*_memory(lab), *_start(ready), *_commands(lab, runs), *_warm(lab, runs)]
        lab.start_minions([f"m{number}" for number in range(2, FEW + 1)])
        return [*figures, _few(lab, runs)]


def _ready(lab: Lab) -> tuple[float, float]:
    """Milliseconds until a job can reach a minion that starts, and microseconds of its processor time."""
    if "m1" in lab.running():
        lab.stop("m1")
    start = time.perf_counter()
    lab.start_minion("m1")
    while not lab.ask("ping")["connected"]:
        time.sleep(0.002)
    wall = time.perf_counter() - start
    return wall * 1000, sum(cpu_seconds(pid) for pid in tree(lab.pid("m1"))) * 1e6


def _start(ready: list[tuple[float, float]]) -> list[Figure]:
    what = "minion: process start until a job can reach it"
    return [Figure("minion_ready", what, [wall for wall, _ in ready], "ms", cpu=[cpu for _, cpu in ready], budget=300)]


def _memory(lab: Lab) -> list[Figure]:
    minion, master = tree(lab.pid("m1")), tree(lab.pid("master"))
    return [
        Figure("minion_pss", "minion at rest", [pss_kib(*minion) / 1024], "MiB PSS", budget=30,
               note=f"{len(minion)} processes"),
        Figure("master_pss", "master at rest with one minion", [pss_kib(*master) / 1024], "MiB PSS",
               note=f"{len(master)} processes"),
    ]  # fmt: skip


def _commands(lab: Lab, runs: int) -> list[Figure]:
    run, run_cpu = command_times([*SALTERN, "run", "-c", str(lab.config), "m1", "test.ping"], 4 * runs)
    here = [*SALTERN, "call", "-c", str(lab.minion_directory("m1")), "--local", "test.ping"]
    call, call_cpu = command_times(here, 4 * runs)
    return [
        Figure("run_cold", "saltern run m1 test.ping, cold process", run, "ms", cpu=run_cpu, budget=60),
        Figure("call_local", "saltern call --local test.ping, cold process", call, "ms", cpu=call_cpu, budget=100),
    ]


def _warm(lab: Lab, runs: int) -> list[Figure]:
    socket = lab.socket
    return [
        Figure("ping_blocking", "test.ping through the blocking client, warm",
               [_job(socket, "test.ping", []) for _ in range(20 * runs)], "ms"),
        Figure("ping_async", "test.ping through the asynchronous client, warm",
               asyncio.run(_pings(socket.path, 20 * runs)), "ms"),
        Figure("cmd_run", "cmd.run true through the blocking client (a forked worker)",
               [_job(socket, "cmd.run", ["true"]) for _ in range(4 * runs)], "ms"),
    ]  # fmt: skip


def _job(socket: MasterSocket, fun: str, arg: list[str]) -> float:
    """Milliseconds from the request to the last return."""
    return timed(lambda: run_job(socket, "m1", fun, arg)) * 1000


async def _pings(path: str, times: int) -> list[float]:
    taken = []
    async with Client(path) as client:
        for _ in range(times):
            start = time.perf_counter()
            await client.run("m1", "test.ping")
            taken.append((time.perf_counter() - start) * 1000)
    return taken


def _few(lab: Lab, runs: int) -> Figure:
    wall, cpu = command_times([*SALTERN, "run", "-c", str(lab.config), "*", "test.ping"], runs)
    last = lab.ask("jobs", query={"limit": 1})["jobs"][0]
    stored = last["counts"].get("returned", 0)
    if stored != FEW:
        raise AssertionError(f"{stored} of {FEW} returns are stored")
    return Figure("ping_few", f"saltern run '*' test.ping, {FEW} real minions, cold", wall, "ms", cpu=cpu,
                  note=f"{stored} of {FEW} returns stored")  # fmt: skip


def run_job(socket: MasterSocket, target: str, fun: str, arg: list[str], *, bodies: bool = True) -> dict[str, int]:
    """Publish, follow to the end; the counts of outcomes."""
    jid = socket.ask({"verb": "publish", "tgt": target, "fun": fun, "arg": arg})["jid"]
    counts: dict[str, int] = socket.ask({"verb": "follow", "jid": jid, "wait": 60.0, "bodies": bodies})["counts"]
    return counts

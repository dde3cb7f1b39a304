"""What it costs to keep a history of jobs and to ask it: `python -m bench.histories`.

    python -m bench.histories --store sqlite|postgresql|mysql|redis [--returns N] [--jobs N] [--at DIRECTORY]
                              [--steps write,ask,purge] [--bulk]

The size is also that of BENCH_RETURNS (100,000 without it), with a tenth as many jobs. The history is written by the
calls that a master makes, with `--bulk` (not for Redis) by the shortcut of `bench.bulk`, which makes the same rows.
With `--at` it stays there, and is asked or purged later. A server is a throw-away one here, as durable as usual.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / name) for name in ("tests", "tools")]

import msgspec  # noqa: E402

import job_stores  # noqa: E402
from bench.history import DAY, DAYS, FLEET, START, Sums, Written, history, jid_of  # noqa: E402
from saltern.jobs.backends.sqlite import SqliteJobStore  # noqa: E402
from saltern.jobs.contract import JobStore  # noqa: E402
from saltern.jobs.reports import Reports  # noqa: E402
from saltern.model.job import Job, JobQuery, OutcomeQuery, Retention, State, Verdict  # noqa: E402

_TOGETHER = 1_000
"""Jobs that are on their way at the same time."""
_STEPS = ("write", "ask", "purge")


class _Size(msgspec.Struct, frozen=True):
    returns: int
    jobs: int


# --- stores -------------------------------------------------------------------------------------------------------


class _Sqlite:
    """The default job cache, with the retention of a history of ten days."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "jobs"
        self._clock = _Clock()

    async def open(self) -> JobStore:
        store = SqliteJobStore(self.files, now=self._clock)
        await store.expire(Retention(seconds=int(DAYS * DAY)), now=START)
        ticking: Any = _Ticking(store, self._clock)
        return ticking  # type: ignore[no-any-return]

    async def settle(self) -> None:
        """Nothing happens later."""

    def stop(self) -> None:
        """There is no server."""


class _Clock:
    """The time at which the jobs of a history are written: partitions end by it."""

    now = START

    def __call__(self) -> float:
        return self.now


class _Ticking:
    def __init__(self, store: JobStore, clock: _Clock) -> None:
        self._store = store
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def create(self, job: Job, minions: list[str]) -> None:
        self._clock.now = max(self._clock.now, job.created)
        await self._store.create(job, minions)


class _OnServer:
    def __init__(self, kind: str, folder: Path, *, durable: bool = True) -> None:
        self._kind = kind
        self._server = job_stores.new_server(kind, folder, durable=durable)
        self._server.start()
        self.files = {"postgresql": folder / "data" / "base", "mysql": folder / "data", "redis": folder}[kind]
        self.address = job_stores.address_of(kind, self._server)

    async def open(self) -> JobStore:
        return await job_stores.OPEN[self._kind](self.address)

    async def settle(self) -> None:
        """What the server does by itself within minutes: statistics, and room for what comes."""
        if self._kind == "postgresql":
            job_stores.run_sql(self._kind, self._server.server, "VACUUM ANALYZE", "CHECKPOINT")
        elif self._kind == "mysql":
            tables = ("job", "outcome", "body", "minion")
            job_stores.run_sql(
                self._kind, self._server.server, f"ANALYZE TABLE {', '.join(f'saltern_{name}' for name in tables)}"
            )

    def stop(self) -> None:
        self._server.stop(signal.SIGINT if self._kind == "postgresql" else signal.SIGTERM)


def _disk(folder: Path) -> tuple[int, int]:
    if not folder.exists():
        return 0, 0
    files = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(file.st_blocks * 512 for file in files), len(files)


# --- measuring ----------------------------------------------------------------------------------------------------


async def measure(kind: str, folder: Path, size: _Size, steps: list[str], *, bulk: bool, keep_days: int) -> None:
    if bulk and "write" in steps:
        await _load(kind, folder, size)
    place = _Sqlite(folder) if kind == "sqlite" else _OnServer(kind, folder)
    try:
        if "write" in steps and not bulk:
            await _written(place, size)
        store = await place.open()
        if "ask" in steps:
            await ask(store, size)
        if "purge" in steps:
            await purge(store, keep_days)
        await store.close()
        say("memory of this process at most", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    finally:
        place.stop()


async def _load(kind: str, folder: Path, size: _Size) -> None:
    """Write by the shortcut of `bench.bulk`; what the tables are then is as durable as ever."""
    from bench.bulk import load_files, load_tables

    jobs = history(size.returns, size.jobs)
    if kind == "sqlite":
        place = _Sqlite(folder)
        await _measured(place, asyncio.to_thread(load_files, place.files, jobs, seconds=DAYS * DAY / 24))
        return
    server = _OnServer(kind, folder, durable=False)
    try:
        await _measured(server, load_tables(server.address, jobs))
    finally:
        server.stop()


async def _written(place: _Sqlite | _OnServer, size: _Size) -> None:
    store = await place.open()
    await _measured(place, fill(store, size))
    await store.close()


async def _measured(place: _Sqlite | _OnServer, work: Awaitable[Sums]) -> None:
    before, _ = _disk(place.files)
    began = time.monotonic()
    sums = await work
    seconds = time.monotonic() - began
    say(f"written, {sums.returns} returns of {sums.jobs} jobs", f"{sums.returns / seconds:,.0f} /s")
    await place.settle()
    on_disk, files = _disk(place.files)
    say("bytes a return on the disk, files", f"{(on_disk - before) / sums.returns:,.0f}, {files}")
    say("bytes a return as the minions gave it", f"{sums.bytes / sums.returns:,.0f}")


async def fill(store: JobStore, size: _Size) -> Sums:
    """Write a history by the calls that a master makes."""
    sums = Sums()
    jobs = history(size.returns, size.jobs)
    while some := list(itertools.islice(jobs, _TOGETHER)):
        await asyncio.gather(*(_write(store, one) for one in some))
        for one in some:
            sums.add(one)
    return sums


async def _write(store: JobStore, one: Written) -> None:
    await store.create(one.job, one.minions)
    for at in range(0, len(one.changes), 1000):
        verdicts = await store.record(one.changes[at : at + 1000])
        assert set(verdicts) == {Verdict.STORED}


async def ask(store: JobStore, size: _Size) -> None:
    whole = jid_of(START + size.jobs // 2 * DAYS * DAY / size.jobs)
    last_day = START + (DAYS - 1) * DAY
    failures = OutcomeQuery(states=(State.FAILED,), since=last_day, limit=1_000_000)
    minion = "web01234.example.net"
    reports = Reports(store, most=10_000_000)
    members = sum((await _there(store, whole)).values())
    found = len(await store.outcomes(failures))
    runs = len(await store.outcomes(OutcomeQuery(minion=minion, limit=1_000_000)))
    await timed("the last 100 jobs", lambda: store.jobs(JobQuery(limit=100)))
    await timed("the last 100 jobs with a failure", lambda: store.jobs(JobQuery(limit=100, states=(State.FAILED,))))
    await timed(f"outcomes of one job of {members}", lambda: store.outcomes(OutcomeQuery(jid=whole, limit=FLEET)))
    await timed(f"all failures of a day ({found})", lambda: store.outcomes(failures))
    await timed(f"one minion's history ({runs})", lambda: store.outcomes(OutcomeQuery(minion=minion, limit=100_000)))
    await timed("one minion's last 100 jobs", lambda: store.jobs(JobQuery(minion=minion, limit=100)))
    await timed("failures of a day grouped by fingerprint", lambda: reports.causes(JobQuery(since=last_day)))


async def _there(store: JobStore, jid: str) -> dict[str, int]:
    summary = await store.job(jid)
    assert summary is not None, f"the history is not there, or not of this size: no job {jid}"
    return summary.counts


async def purge(store: JobStore, keep_days: int) -> None:
    """The oldest day goes while new jobs are written, one after the other."""
    later = list(itertools.islice(history(20_000, seed=2), 2_000))
    times: list[float] = []
    done = asyncio.Event()

    async def load() -> None:
        for number, one in enumerate(itertools.cycle(later)):
            if done.is_set():
                return
            jid = f"{2100 - keep_days}{number:016d}"
            job = msgspec.structs.replace(one.job, jid=jid, created=START + DAYS * DAY)
            began = time.monotonic()
            await store.create(job, one.minions)
            await store.record([msgspec.structs.replace(each, jid=jid) for each in one.changes])
            times.append((time.monotonic() - began) * 1000)

    writer = asyncio.create_task(load())
    began = time.monotonic()
    dropped = await store.expire(Retention(seconds=int(keep_days * DAY)), now=START + DAYS * DAY)
    seconds = time.monotonic() - began
    done.set()
    await writer
    say(f"the oldest day goes ({dropped} jobs) while others write", f"{seconds:.2f} s")
    middle, worst = statistics.median(times), max(times)
    say(f"a job and its returns meanwhile ({len(times)})", f"{middle:.1f} ms, at most {worst:.0f} ms")


async def timed(what: str, ask: Callable[[], Awaitable[Any]], runs: int = 7) -> None:
    """Print how long it took, and how much of that was processor time of this process (of a server none)."""
    times, busy = [], []
    for _ in range(runs):
        began, worked = time.monotonic(), time.process_time()
        await ask()
        times.append((time.monotonic() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    middle, worked = statistics.median(times), statistics.median(busy)
    say(what, f"{middle:.1f} ms ({min(times):.1f} to {max(times):.1f}), processor {worked:.1f}")


def say(what: str, value: str) -> None:
    print(f"{what:<56} {value:>50}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.histories", description=__doc__.partition("\n")[0])
    parser.add_argument("--store", choices=["sqlite", *job_stores.ON_SERVERS], default="sqlite")
    parser.add_argument("--returns", type=int, default=int(os.environ.get("BENCH_RETURNS", "100000")))
    parser.add_argument("--jobs", type=int, default=0, help="a tenth of the returns without it")
    parser.add_argument("--at", type=Path, help="a directory in which the history stays")
    parser.add_argument("--steps", default=",".join(_STEPS), help="which of write, ask and purge")
    parser.add_argument("--keep-days", type=int, default=DAYS - 1, help="what a purge leaves (9)")
    parser.add_argument("--bulk", action="store_true", help="write by a shortcut")
    options = parser.parse_args()
    size = _Size(options.returns, options.jobs or max(options.returns // 10, 1))
    with tempfile.TemporaryDirectory(prefix="saltern-bench-", ignore_cleanup_errors=True) as name:
        folder = (options.at or Path(name)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(
            measure(
                options.store, folder, size, options.steps.split(","), bulk=options.bulk, keep_days=options.keep_days
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

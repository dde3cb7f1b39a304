"""The made up histories that measurements use: always the same, with sums that are right, and in a store as written."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bench.bulk import load_files, load_tables
from bench.histories import _Size, fill
from bench.history import DAY, DAYS, FLEET, START, Sums, history, summed

from job_stores import OPEN, address_of, empty_database, run_sql, server, stop_servers
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.model.job import JobQuery, OutcomeQuery, State

ROOT = Path(__file__).parents[2]
TABLES = ("meta", "minion", "job", "outcome", "body", "upload")


@pytest.fixture(scope="module", autouse=True)
def servers_end() -> Iterator[None]:
    yield
    stop_servers()


def digest(returns: int) -> str:
    whole = hashlib.sha256()
    for one in history(returns):
        whole.update(msgspec.msgpack.encode(one))
    return whole.hexdigest()


def test_a_history_is_the_same_in_every_process() -> None:
    code = "import test_histories; print(test_histories.digest(3_000))"
    path = os.pathsep.join(map(str, (Path(__file__).parent, ROOT / "tests", ROOT / "src", ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": path}, check=True,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.stdout.strip() == digest(3_000)


def test_another_seed_is_another_history() -> None:
    assert [one.job.fun for one in history(500)] != [one.job.fun for one in history(500, seed=2)]


@pytest.mark.parametrize(("returns", "jobs"), [(1, 1), (7, 7), (1_000, 3), (10_000, 1_000), (70_000, 6_000)])
def test_the_numbers_are_those_that_were_asked_for(returns: int, jobs: int) -> None:
    sums = summed(history(returns, jobs))

    assert (sums.jobs, sums.returns) == (jobs, returns)


def test_one_job_has_the_whole_fleet_and_jobs_lie_in_ten_days() -> None:
    written = list(history(70_000, 6_000))

    assert [len(one.minions) for one in written if len(one.minions) >= FLEET] == [FLEET]
    assert len({one.job.jid for one in written}) == 6_000
    assert all(START <= one.job.created < START + DAYS * DAY for one in written)
    assert [one.job.jid for one in written] == sorted(one.job.jid for one in written)
    assert all([change.minion for change in one.changes] == one.minions for one in written)


async def test_a_store_has_what_the_sums_say(tmp_path: Path) -> None:
    store = SqliteJobStore(tmp_path / "jobs")
    sums = await fill(store, _Size(4_000, 300))
    ends = await store.outcomes(OutcomeQuery(limit=10_000))
    jobs = await store.jobs(JobQuery(limit=1_000))
    await store.close()

    assert sums == Sums(
        jobs=len(jobs),
        returns=sum(end.state.has_return for end in ends),
        failures=sum(end.state is State.FAILED for end in ends),
        away=sum(end.state is State.EXPIRED for end in ends),
        bytes=sum(end.size for end in ends),
    )
    assert sums.failures > 0
    assert sums.away > 0


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.xdist_group(f"job store {kind}")) for kind in ("postgresql", "mysql")]
)
async def test_rows_loaded_in_bulk_are_those_that_the_store_writes(kind: str) -> None:
    address = empty_database(kind)
    store = await OPEN[kind](address)
    for one in history(1_500, 100):
        await store.create(one.job, one.minions)
        await store.record(one.changes)
    await store.close()
    written = rows(kind, address.database)

    loaded = empty_database(kind)
    assert await load_tables(loaded, history(1_500, 100)) == summed(history(1_500, 100))

    assert rows(kind, loaded.database) == written
    assert address_of(kind, server(kind), loaded.database) == loaded


async def test_files_made_in_bulk_are_those_that_the_store_writes(tmp_path: Path) -> None:
    size = 200_000
    clock = [START]
    store = SqliteJobStore(tmp_path / "store", partition_bytes=size, partition_seconds=DAY, now=lambda: clock[0])
    for one in history(3_000, 200):
        clock[0] = one.job.created
        await store.create(one.job, one.minions)
        await store.record(one.changes)
    await store.close()

    sums = load_files(tmp_path / "bulk", history(3_000, 200), seconds=DAY, size=size)

    assert sums == summed(history(3_000, 200))
    written, loaded = sqlite_rows(tmp_path / "store"), sqlite_rows(tmp_path / "bulk")
    assert len(written) > 10
    assert loaded == written
    again = SqliteJobStore(tmp_path / "bulk")
    assert len(await again.outcomes(OutcomeQuery(limit=10_000))) == sums.returns + sums.away
    await again.close()


def sqlite_rows(directory: Path) -> dict[str, dict[str, list[Any]]]:
    found = {}
    for path in sorted(directory.glob("*.db")):
        connection = sqlite3.connect(path)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found[path.name] = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        connection.close()
    return found


def rows(kind: str, database: str) -> dict[str, list[Any]]:
    return {
        table: sorted(run_sql(kind, server(kind).server, f"SELECT * FROM saltern_{table}", database=database), key=repr)
        for table in TABLES
    }

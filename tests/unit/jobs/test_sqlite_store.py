"""What is particular to the job cache in SQLite files: restarts, kills, full disks, damaged files, second processes."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from saltern.errors import StoreCorrupt, StoreError, StoreFull
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.backends.sqlite.partition import Partition
from saltern.jobs.backends.sqlite.reader import Reader
from saltern.model.job import Body, Change, Job, JobQuery, Outcome, OutcomeQuery, Retention, State, Verdict

NOW = 1_790_000_000.0
MINIONS = [f"m{number:03d}" for number in range(100)]


def jid_of(number: int) -> str:
    return f"20260921{number:012d}"


async def publish(store: SqliteJobStore, number: int, minions: list[str] = MINIONS, **fields: Any) -> str:
    jid = jid_of(number)
    await store.create(Job(**{"jid": jid, "fun": "test.ping", "created": NOW + number, **fields}), minions)
    return jid


def returned(jid: str, minion: str, data: bytes = b"\xc3") -> Change:
    return Change(jid=jid, minion=minion, state=State.RETURNED, at=NOW, retcode=0, success=True, body=Body(data=data))


async def fill(store: SqliteJobStore, jobs: int, first: int = 0, data: bytes = b"x" * 100) -> None:
    for number in range(first, first + jobs):
        jid = await publish(store, number)
        await store.record([returned(jid, minion, data) for minion in MINIONS])


def databases(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.db"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


Opener = Callable[..., SqliteJobStore]


@pytest.fixture
async def opened(directory: Path) -> AsyncIterator[Opener]:
    """Opens stores and closes them after the test."""
    stores: list[SqliteJobStore] = []

    def open_store(**options: Any) -> SqliteJobStore:
        stores.append(SqliteJobStore(directory, **options))
        return stores[-1]

    yield open_store
    for store in stores:
        await store.close()


# --- restarts -----------------------------------------------------------------------------------------------------


async def test_everything_is_there_after_a_restart_and_cursors_go_on(directory: Path, opened: Opener) -> None:
    store = opened()
    await fill(store, 3)
    big = await publish(store, 3, ["m1"])
    await store.record([returned(big, "m1", b"B" * (2 << 20))])
    before = await store.outcomes(OutcomeQuery(limit=10_000))
    await store.close()

    store = opened()

    assert await store.outcomes(OutcomeQuery(limit=10_000)) == before
    assert await store.latest() == big
    body = await store.body(big, "m1")
    assert body is not None
    assert body.path is not None
    assert body.path.read_bytes() == b"B" * (2 << 20)
    await publish(store, 4, ["m1"])
    (new,) = await store.outcomes(OutcomeQuery(jid=jid_of(4)))
    assert new.seq == before[-1].seq + 1


async def test_cursors_go_on_after_all_was_dropped_and_the_store_restarted(directory: Path, opened: Opener) -> None:
    store = opened()
    await fill(store, 2)
    last = (await store.outcomes(OutcomeQuery(limit=10_000)))[-1].seq
    assert await store.expire(Retention(seconds=1), now=NOW + 1e6) == 2
    await store.close()

    store = opened()
    await publish(store, 5, ["m1"])

    (outcome,) = await store.outcomes(OutcomeQuery())
    assert outcome.seq > last


async def test_a_body_file_that_nobody_was_told_about_is_swept_away(directory: Path, opened: Opener) -> None:
    await opened().close()
    (directory / "incoming" / "half").write_bytes(b"x" * 1000)

    opened()

    assert list((directory / "incoming").iterdir()) == []


async def test_a_file_whose_beginning_was_cut_short_is_begun_again(directory: Path, opened: Opener) -> None:
    directory.mkdir()
    (directory / "000001.db").touch()

    store = opened()
    jid = await publish(store, 1)

    assert (await store.job(jid)) is not None
    assert databases(directory) == ["000001.db"]


_WRITE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.backends.sqlite.partition import Partition
from saltern.jobs.backends.sqlite.reader import Reader
from saltern.model.job import Body, Change, Job, State

async def main():
    store = SqliteJobStore(Path(sys.argv[1]), partition_bytes=100_000)
    minions = [f"m{n:03d}" for n in range(50)]

    async def job(number):
        jid = f"20260921{number:012d}"
        await store.create(Job(jid=jid, fun="test.ping", created=float(number)), minions)
        print("job", jid, flush=True)
        for at in range(0, 50, 10):
            some = minions[at:at + 10]
            body = Body(data=b"x" * 200) if at % 20 else Body(data=b"x" * (1 << 20) + b"x")
            await store.record([Change(jid=jid, minion=m, state=State.RETURNED, at=1.0, body=body) for m in some[:1]])
            small = Body(data=b"y")
            await store.record([Change(jid=jid, minion=m, state=State.FAILED, at=1.0, body=small) for m in some[1:]])
            print("ack", jid, *some, flush=True)

    for start in range(0, 100000, 4):
        await asyncio.gather(*(job(start + n) for n in range(4)))

asyncio.run(main())
"""


@pytest.mark.faults
@pytest.mark.behaviour("MJC-04")
@pytest.mark.parametrize("acks", [1, 40, 133])
async def test_what_was_acknowledged_survives_a_kill(directory: Path, opened: Opener, acks: int) -> None:
    jobs, answered = await asyncio.to_thread(_write_and_kill, directory, acks)

    store = opened(partition_bytes=100_000)

    assert sum(map(len, answered.values())) >= acks * 10
    for jid in jobs:
        found = await store.job(jid)
        assert found is not None
        assert sum(found.counts.values()) == 50
        outcomes = {each.minion: each for each in await store.outcomes(OutcomeQuery(jid=jid))}
        ended = [minion for minion, outcome in outcomes.items() if outcome.state.final]
        assert answered.get(jid, set()) <= set(ended)
        bodies = await store.bodies(jid, ended)
        assert set(bodies) == set(ended)
        for minion, body in bodies.items():
            assert body.size == outcomes[minion].size == len(body.data or (body.path and body.path.read_bytes()) or b"")
    cursors = [outcome.seq for outcome in await store.outcomes(OutcomeQuery(limit=1_000_000))]
    assert len(cursors) == len(set(cursors))


def _write_and_kill(directory: Path, acks: int) -> tuple[set[str], dict[str, set[str]]]:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITE_FOR_EVER, str(directory)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    jobs: set[str] = set()
    answered: dict[str, set[str]] = {}
    try:
        for line in writer.stdout:
            kind, jid, *minions = line.split()
            if kind == "job":
                jobs.add(jid)
            else:
                answered.setdefault(jid, set()).update(minions)
                acks -= 1
            if acks == 0:
                os.kill(writer.pid, signal.SIGKILL)
                acks = -1
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    return jobs, answered


# --- other processes ----------------------------------------------------------------------------------------------


async def test_a_second_writer_is_told_who_has_the_store(directory: Path, opened: Opener) -> None:
    first = opened()

    with pytest.raises(StoreError, match=rf"{directory}.*{os.getpid()}"):
        SqliteJobStore(directory)

    await first.close()
    await publish(opened(), 1)


async def test_a_reader_sees_what_a_writer_beside_it_writes_and_drops(directory: Path, opened: Opener) -> None:
    writer = opened(partition_bytes=20_000)
    reader = opened(read_only=True)
    assert await reader.jobs(JobQuery()) == []

    await fill(writer, 4)

    assert [each.job.jid for each in await reader.jobs(JobQuery())] == [jid_of(n) for n in (3, 2, 1, 0)]
    assert len(await reader.outcomes(OutcomeQuery(jid=jid_of(2)))) == 100
    assert await reader.latest() == jid_of(3)
    await writer.expire(Retention(seconds=0, jobs=1), now=NOW)
    assert [each.job.jid for each in await reader.jobs(JobQuery())] == [jid_of(3)]
    with pytest.raises(StoreError, match="reading only"):
        await publish(reader, 9)


async def test_a_file_of_a_newer_version_is_refused(directory: Path, opened: Opener) -> None:
    store = opened()
    await fill(store, 1)
    await store.close()
    with sqlite3.connect(directory / "000001.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match=r"000001\.db was written by a newer version"):
        SqliteJobStore(directory)


# --- partitions ---------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("MJC-09")
async def test_old_jobs_go_with_their_files(directory: Path, opened: Opener) -> None:
    store = opened(partition_bytes=20_000)
    await fill(store, 20, data=b"x" * 300)
    jid = await publish(store, 20, ["m1"])
    await store.record([returned(jid, "m1", b"B" * (2 << 20))])
    assert len(databases(directory)) > 10

    dropped = await store.expire(Retention(seconds=100), now=NOW + 1000)

    assert dropped == 21
    assert len(databases(directory)) == 1
    assert list(directory.glob("*.bodies")) == []


async def test_a_file_that_is_finished_keeps_no_log_of_its_writes(directory: Path, opened: Opener) -> None:
    store = opened(partition_bytes=20_000)

    await fill(store, 8, data=b"x" * 300)

    finished = databases(directory)[:-1]
    assert len(finished) > 3
    async with asyncio.timeout(30):  # sealing, in a thread of its own, writes through the log once more
        while any(_bytes_of(directory / f"{name}-wal") for name in finished):
            await asyncio.sleep(0.01)


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def test_the_clock_begins_a_new_file(directory: Path, opened: Opener) -> None:
    clock = [NOW]
    store = opened(partition_seconds=60, now=lambda: clock[0])
    for number, moment in enumerate([NOW, NOW + 30, NOW + 61, NOW + 70, NOW - 5000]):
        clock[0] = moment
        await publish(store, number)

    assert databases(directory) == ["000001.db", "000002.db", "000003.db"]
    assert len(await store.jobs(JobQuery())) == 5


async def test_a_row_of_the_boundary_goes_and_its_large_body_with_it(directory: Path, opened: Opener) -> None:
    store = opened()
    for number in range(2):
        jid = await publish(store, number, ["m1"])
        await store.record([returned(jid, "m1", b"B" * (2 << 20))])

    assert await store.expire(Retention(seconds=0, jobs=1), now=NOW) == 1

    assert len([path for path in directory.glob("*.bodies/*") if path.is_file()]) == 1
    assert await store.body(jid_of(0), "m1") is None
    assert await store.body(jid_of(1), "m1") is not None


async def test_a_late_return_finds_its_old_file(opened: Opener) -> None:
    store = opened(partition_bytes=20_000)
    first = await publish(store, 0)
    await fill(store, 12, first=1)

    changes = [returned(jid, minion) for minion in MINIONS[:2] for jid in (first, jid_of(5))]

    assert await store.record(changes) == [Verdict.STORED, Verdict.REPEAT] * 2
    found = await store.job(first)
    assert found is not None
    assert found.counts == {"queued": 98, "returned": 2}


# --- full disks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can make a small file system")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.faults
async def test_a_full_disk_is_named_and_nothing_is_half_written(small_disk: Path) -> None:
    store = SqliteJobStore(small_disk / "jobs")
    taken: list[str] = []
    with pytest.raises(StoreFull, match=str(small_disk)):
        for number in range(1000):
            jid = await _one_job(store, number)
            taken.append(jid)

    found = await store.jobs(JobQuery(limit=2000))
    assert {each.job.jid for each in found} >= set(taken)
    assert len(found) <= len(taken) + 1
    assert all(sum(each.counts.values()) == 100 for each in found)
    for jid in taken:
        assert len(await store.bodies(jid, MINIONS)) == 100
    await store.close()

    store = SqliteJobStore(small_disk / "jobs")
    assert len(await store.jobs(JobQuery(limit=2000))) == len(found)
    await store.close()


@pytest.mark.faults
async def test_it_goes_on_when_there_is_space_again(small_disk: Path) -> None:
    store = SqliteJobStore(small_disk / "jobs")
    await _one_job(store, 0)
    ballast = small_disk / "ballast"
    _fill_disk(ballast)
    with pytest.raises(StoreFull):
        for number in range(1, 100):
            await _one_job(store, number)
    known = {each.job.jid for each in await store.jobs(JobQuery(limit=1000))}

    ballast.unlink()

    await _one_job(store, 500)
    assert {each.job.jid for each in await store.jobs(JobQuery(limit=1000))} == known | {jid_of(500)}
    await store.close()


@pytest.mark.faults
async def test_a_large_body_that_finds_no_space_stays_where_it_was(small_disk: Path, tmp_path: Path) -> None:
    store = SqliteJobStore(small_disk / "jobs")
    jid = await publish(store, 0)
    given = tmp_path / "transfer"
    given.write_bytes(b"x" * (8 << 20))
    late = Change(jid=jid, minion="m001", state=State.RETURNED, at=NOW, body=Body(path=given))

    with pytest.raises(StoreFull, match=str(small_disk)):
        await store.record([late])

    assert given.stat().st_size == 8 << 20
    assert list((small_disk / "jobs" / "incoming").iterdir()) == []
    given.write_bytes(b"x" * (2 << 20))
    assert await store.record([late]) == [Verdict.STORED]
    assert not given.exists()
    await store.close()


async def test_sqlite_without_space_for_one_leaves_the_others_alone(opened: Opener) -> None:
    store = opened()
    await publish(store, 0, ["m1"])
    pages = await _limit_pages(store, more=3)

    answers = await asyncio.gather(
        publish(store, 1, ["m1"]),
        publish(store, 2, [f"long-name-of-a-minion-{n}" for n in range(5000)]),
        publish(store, 3, ["m1"]),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [str, StoreFull, str]
    assert {each.job.jid for each in await store.jobs(JobQuery())} == {jid_of(n) for n in (0, 1, 3)}
    await _limit_pages(store, more=pages + 10_000)
    await publish(store, 2, [f"long-name-of-a-minion-{n}" for n in range(5000)])


async def _limit_pages(store: SqliteJobStore, *, more: int) -> int:
    """Let the newest file grow by so many pages and no further, as on a disk that is nearly full."""
    from saltern.jobs.backends.sqlite.writer import Chore

    writer = store._writer
    assert writer is not None

    def limit() -> int:
        connection = writer.ledger(store._catalog.partitions[-1])._connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + more}")
        return int(pages)

    chore = Chore(limit)
    writer.ask(chore)
    return int(await chore.future)


async def _one_job(store: SqliteJobStore, number: int) -> str:
    jid = await publish(store, number)
    await store.record([returned(jid, minion, b"x" * 300) for minion in MINIONS])
    return jid


def _fill_disk(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


# --- damage -------------------------------------------------------------------------------------------------------


def _damage(path: Path, *, keep_pages: int) -> None:
    """Overwrite all pages of a database but the first ones."""
    data = bytearray(path.read_bytes())
    start = 4096 * keep_pages
    assert len(data) > start
    data[start:] = b"\xa5" * (len(data) - start)
    path.write_bytes(data)


@pytest.fixture
async def damaged(directory: Path, opened: Opener) -> AsyncIterator[SqliteJobStore]:
    """Two partitions of twenty jobs in all; the rows of the newer one are gone."""
    store = opened(partition_bytes=150_000)
    await fill(store, 20)
    await store.close()
    assert databases(directory) == ["000001.db", "000002.db", "000003.db"]
    path = directory / "000003.db"
    _damage(path, keep_pages=_pages_of_schema(path))
    store = opened(partition_bytes=150_000)
    yield store


def _pages_of_schema(path: Path) -> int:
    """The pages that hold the schema and the roots of the tables, so that the file can still be opened."""
    connection = sqlite3.connect(path)
    (last,) = connection.execute("SELECT max(rootpage) FROM sqlite_master").fetchone()
    connection.close()
    return int(last)


@pytest.mark.faults
async def test_what_is_not_damaged_is_still_read(damaged: SqliteJobStore, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        found = [each.job.jid for each in await damaged.jobs(JobQuery())]
        outcomes = {jid: await damaged.outcomes(OutcomeQuery(jid=jid)) for jid in found}

    whole = [jid for jid in found if len(outcomes[jid]) == 100]
    assert {jid_of(number) for number in range(10)} <= set(whole)
    assert len(whole) < 20
    assert "000003" in caplog.text
    for jid in whole[-10:]:
        assert len(await damaged.bodies(jid, MINIONS)) == 100


@pytest.mark.faults
async def test_a_return_that_needs_a_damaged_page_names_the_file(damaged: SqliteJobStore) -> None:
    with pytest.raises(StoreCorrupt, match=r"000003(\.damaged)?\.db"):
        for number in range(19, 9, -1):
            await damaged.body(jid_of(number), MINIONS[50])

    assert await damaged.record([returned(jid_of(0), MINIONS[0])]) == [Verdict.REPEAT]


@pytest.mark.faults
async def test_new_jobs_go_to_a_fresh_file_and_the_damaged_one_is_set_aside(
    damaged: SqliteJobStore, directory: Path, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    last = (await damaged.outcomes(OutcomeQuery(jid=jid_of(0))))[-1].seq

    with caplog.at_level(logging.ERROR):
        await fill(damaged, 5, first=100)

    assert databases(directory) == ["000001.db", "000002.db", "000003.damaged.db", "000004.db"]
    assert "000003.damaged.db" in caplog.text
    assert (await damaged.outcomes(OutcomeQuery(jid=jid_of(100))))[0].seq > last
    await damaged.close()
    store = opened()
    for number in range(100, 105):
        found = await store.job(jid_of(number))
        assert found is not None
        assert found.counts == {"returned": 100}


@pytest.mark.faults
async def test_returns_for_a_job_in_a_damaged_file_are_stored_with_the_job_in_a_sound_one(
    directory: Path, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened()
    jid = await publish(store, 0, ["m1", "m2", "m3", "m4"], arg=["kept"])
    big = directory.parent / "big"
    big.write_bytes(b"B" * (2 << 20))
    await store.record([returned(jid, "m1", b"one"), Change(jid=jid, minion="m2", state=State.RUNNING, at=NOW)])
    await store.record([Change(jid=jid, minion="m3", state=State.FAILED, at=NOW, retcode=2, body=Body(path=big))])
    await _set_aside(store)
    await publish(store, 1)

    verdicts = await store.record([returned(jid, "m2", b"two"), returned(jid, "m1", b"again"), returned(jid, "m9")])

    assert verdicts == [Verdict.STORED, Verdict.REPEAT, Verdict.NOT_TARGETED]
    found = await store.job(jid)
    assert found is not None
    assert found.job.arg == ["kept"]
    assert found.counts == {"queued": 1, "returned": 2, "failed": 1}
    outcomes = {outcome.minion: outcome for outcome in await store.outcomes(OutcomeQuery(jid=jid))}
    assert len(outcomes) == 4
    assert (outcomes["m3"].retcode, outcomes["m2"].started) == (2, NOW)
    bodies = await store.bodies(jid, ["m1", "m2", "m3"])
    assert (bodies["m1"].data, bodies["m2"].data) == (b"one", b"two")
    assert bodies["m3"].path is not None
    assert bodies["m3"].path.read_bytes() == b"B" * (2 << 20)
    assert [each.job.jid for each in await store.jobs(JobQuery())] == [jid_of(1), jid]
    everything = await store.outcomes(OutcomeQuery(limit=1000))
    assert len(everything) == 104
    assert [outcome.jid for outcome in await store.outcomes(OutcomeQuery(minion="m2", states=(State.RUNNING,)))] == []
    assert "was moved from" in caplog.text


async def _set_aside(store: SqliteJobStore) -> None:
    """What the store does when it meets a damaged page, here with a file that is sound."""
    from saltern.jobs.backends.sqlite.writer import Chore

    writer = store._writer
    assert writer is not None
    chore = Chore(lambda: writer.set_aside(store._catalog.partitions[-1], StoreCorrupt("for the test")))
    writer.ask(chore)
    await chore.future


@pytest.mark.faults
async def test_a_return_for_a_job_that_is_beyond_reading_does_not_stop_the_others(
    damaged: SqliteJobStore, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(damaged, 1, first=100)
    fresh = await publish(damaged, 101)
    mixed = [returned(jid_of(number), MINIONS[50]) for number in range(20)]

    verdicts = await damaged.record([*mixed, returned(fresh, MINIONS[0])])

    assert verdicts[:10] == [Verdict.REPEAT] * 10
    assert verdicts[-1] is Verdict.STORED
    assert set(verdicts[10:-1]) <= {Verdict.REPEAT, Verdict.UNKNOWN_JOB, Verdict.NOT_TARGETED}
    assert set(verdicts[10:-1]) != {Verdict.REPEAT}


@pytest.mark.faults
async def test_a_file_that_is_no_database_any_more_is_set_aside_at_start(
    directory: Path, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened(partition_bytes=150_000)
    await fill(store, 20)
    last = (await store.outcomes(OutcomeQuery(limit=100_000)))[-1].seq
    await store.close()
    (directory / "000003.db").write_bytes(b"\xa5" * 100_000)

    with caplog.at_level(logging.ERROR):
        store = opened(partition_bytes=150_000)

    assert "000003.damaged.db" in caplog.text
    assert len(await store.jobs(JobQuery())) >= 10
    await fill(store, 1, first=100)
    assert (await store.outcomes(OutcomeQuery(jid=jid_of(100))))[0].seq > last
    assert databases(directory) == ["000001.db", "000002.db", "000003.damaged.db", "000004.db"]


# --- queries take the short way -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (OutcomeQuery(minion="m1", states=(State.QUEUED, State.SENT, State.RUNNING)), "outcome_open"),
        (OutcomeQuery(states=(State.FAILED,), since=NOW), "outcome_end"),
    ],
)
async def test_common_questions_are_answered_from_an_index(opened: Opener, query: OutcomeQuery, index: str) -> None:
    from saltern.jobs.backends.sqlite.reader import Reader

    store = opened()
    await publish(store, 1)
    reader = Reader(store._catalog, store._report, refresh=False)
    statements: list[str] = []
    (partition,) = store._catalog.partitions
    reader.outcomes(query)
    connection = reader._connection(partition)
    connection.set_trace_callback(statements.append)

    reader.outcomes(query)

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    reader.close()
    assert any(f"outcome USING INDEX {index}" in step or f"COVERING INDEX {index}" in step for step in plan), plan
    assert not any(step.startswith(("SCAN outcome", "SCAN job")) and index not in step for step in plan), plan


# --- sealed partitions --------------------------------------------------------------------------------------------


def indexes(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    connection.close()
    return {name for (name,) in found}


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about")


def sealed(directory: Path) -> list[str]:
    return [name for name in databases(directory) if "outcome_minion" in indexes(directory / name)]


async def ask_for_a_minion(store: SqliteJobStore) -> tuple[list[str], ...]:
    queries = (
        OutcomeQuery(minion="m042", limit=1_000), OutcomeQuery(minion="m042", since=NOW, states=(State.RETURNED,)),
        OutcomeQuery(minion="m042", states=(State.QUEUED, State.FAILED)), OutcomeQuery(minion="stranger"),
    )  # fmt: skip
    jobs = (
        JobQuery(minion="m042"), JobQuery(minion="m042", states=(State.FAILED,)), JobQuery(minion="m042", limit=3),
        JobQuery(minion="m042", until=NOW + 7),
    )  # fmt: skip
    outcomes = [[f"{each.jid} {each.state}" for each in await store.outcomes(query)] for query in queries]
    return (*outcomes, *[[each.job.jid for each in await store.jobs(query)] for query in jobs])


async def test_partitions_behind_the_newest_two_are_sealed_and_answer_the_same(opened: Opener, directory: Path) -> None:
    store = opened(partition_bytes=1 << 20)
    await fill(store, 9)
    failed = await publish(store, 9)
    await store.record([Change(jid=failed, minion="m042", state=State.FAILED, at=NOW)])
    whole = await ask_for_a_minion(store)
    assert [len(part) for part in whole] == [10, 9, 1, 0, 10, 1, 3, 8]
    await store.close()
    shutil.copytree(directory, directory.parent / "copy")

    for place, size in ((directory, 1), (directory.parent / "copy", 20_000)):
        again = SqliteJobStore(place, partition_bytes=size)
        for number in range(10, 14):  # each begins a partition
            await publish(again, number, ["other"])
        wanted = databases(place)[:-2]
        if size == 1:
            await until(lambda wanted=wanted, place=place: sealed(place) == wanted)  # type: ignore[misc]
        assert await ask_for_a_minion(again) == whole
        await again.close()


async def test_files_of_an_earlier_version_are_sealed_when_the_store_opens(opened: Opener, directory: Path) -> None:
    store = opened(partition_bytes=10_000)
    await fill(store, 8)
    whole = await ask_for_a_minion(store)
    await store.close()
    for name in databases(directory):
        with sqlite3.connect(directory / name) as connection:
            connection.execute("DROP INDEX IF EXISTS outcome_minion")
        connection.close()

    again = opened()

    await until(lambda: sealed(directory) == databases(directory)[:-2])
    assert await ask_for_a_minion(again) == whole
    assert await again.record([Change(jid=jid_of(0), minion="m001", state=State.FAILED, at=NOW)]) == [Verdict.STALE]


async def test_a_sealed_partition_still_takes_returns_and_goes_by_rows(opened: Opener, directory: Path) -> None:
    store = opened(partition_bytes=10_000)
    late = await publish(store, 0)
    await fill(store, 8, first=1)
    await until(lambda: len(sealed(directory)) == len(databases(directory)) - 2)

    assert await store.record([returned(late, "m042")]) == [Verdict.STORED]
    assert [each.state for each in await store.outcomes(OutcomeQuery(minion="m042", jid=late))] == [State.RETURNED]
    assert await store.expire(Retention(seconds=0, jobs=3), now=NOW) == 6
    assert len(await store.outcomes(OutcomeQuery(minion="m042"))) == 3


async def test_a_partition_can_go_while_it_is_being_sealed(opened: Opener, directory: Path) -> None:
    """Stores are opened with files that are not sealed, and lose them at once."""
    store = opened(partition_bytes=10_000)
    await fill(store, 12)
    await store.close()
    for _ in range(5):
        shutil.copytree(directory, directory.parent / "copy")
        for name in databases(directory):
            connection = sqlite3.connect(directory.parent / "copy" / name)
            connection.execute("DROP INDEX IF EXISTS outcome_minion")
            connection.close()
        again = SqliteJobStore(directory.parent / "copy")
        assert await again.expire(Retention(seconds=0, jobs=1), now=NOW) == 11
        await again.close()
        assert len(list((directory.parent / "copy").glob("*.db*"))) == 1
        shutil.rmtree(directory.parent / "copy")


async def test_no_cursor_is_passed_over_while_two_files_are_written(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of the newer and the older file a change goes to each of them, the later one to the older."""
    store = opened(partition_bytes=1)
    old, new = await publish(store, 0, ["m1"]), await publish(store, 1, ["m1"])
    loop, read_one, read = asyncio.get_running_loop(), Reader._outcomes_of, []

    def slowly(reader: Reader, partition: Any, query: OutcomeQuery) -> list[Outcome]:
        found = read_one(reader, partition, query)
        read.append(partition.number)
        if len(read) == 1:
            for jid in (new, old):
                asyncio.run_coroutine_threadsafe(store.record([returned(jid, "m1")]), loop).result(10)
        return found

    monkeypatch.setattr(Reader, "_outcomes_of", slowly)
    seen: list[Outcome] = []
    while page := await store.outcomes(OutcomeQuery(after=seen[-1].seq if seen else 0, settled=True)):
        seen += page

    assert read[:2] == [2, 1]
    assert {outcome.jid for outcome in seen if outcome.state is State.RETURNED} == {old, new}


async def test_an_outcome_is_shown_when_its_job_can_be_found_and_not_before(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writing thread is held up right behind a commit."""
    store = opened()
    await publish(store, 0, ["m1"])
    committed, goes_on = threading.Event(), threading.Event()

    def set_extent(partition: Partition, extent: Any) -> None:
        committed.set()
        goes_on.wait(10)
        vars(partition)["known_extent"] = extent

    for partition in store._catalog.partitions:
        vars(partition)["known_extent"] = partition.extent
    monkeypatch.setattr(Partition, "extent", property(lambda one: vars(one)["known_extent"], set_extent), raising=False)
    creating = asyncio.create_task(publish(store, 1, ["m1"]))
    await asyncio.to_thread(committed.wait, 10)

    meanwhile = await store.outcomes(OutcomeQuery(settled=True))
    assert [await store.job(outcome.jid) is not None for outcome in meanwhile] == [True]
    goes_on.set()
    await creating
    assert [
        await store.job(outcome.jid) is not None for outcome in await store.outcomes(OutcomeQuery(settled=True))
    ] == [True] * 2


async def test_an_outcome_that_changes_while_it_is_read_is_there(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    jid = await publish(store, 0, ["m1"])
    loop, read_one = asyncio.get_running_loop(), Reader._outcomes_of

    def late(reader: Reader, partition: Any, query: OutcomeQuery) -> list[Outcome]:
        asyncio.run_coroutine_threadsafe(store.record([returned(jid, "m1")]), loop).result(10)
        return read_one(reader, partition, query)

    monkeypatch.setattr(Reader, "_outcomes_of", late)
    assert [outcome.state for outcome in await store.outcomes(OutcomeQuery(jid=jid))] == [State.RETURNED]

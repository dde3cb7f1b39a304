"""A full disk under the job cache, and damaged pages in it."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import record
from fault_lab import MODULES, short_directory
from lab import Lab, until

from saltern.errors import StoreError, StoreFull

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("store")]


@pytest.fixture
def place() -> Iterator[Path]:
    with short_directory() as directory:
        yield directory


# --- a full disk -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """The directory of the job cache of a laboratory in `place`: a small disk of its own."""
    jobs = place / "r/var/cache/saltern/master/jobs"
    with small_disk_at(jobs):
        yield jobs


@contextlib.contextmanager
def small_disk_at(directory: Path) -> Iterator[None]:
    """Mount a file system of 12 MiB; the test is skipped where that is not possible."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    directory.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(directory)]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


def fill(disk: Path) -> Path:
    """Take all the space there is; the file that holds it."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return hog


def test_a_full_disk_refuses_new_jobs_by_name_and_loses_no_return(small_disk: Path, place: Path) -> None:
    with Lab(place, master={"heartbeat_interval": 1.0}) as lab:
        lab.start_master()
        lab.start_minions("abc", module_dirs=[str(MODULES)])
        notes, gate = place / "notes", place / "gate"
        running = [record.publish(lab, "*", "faulty.note_if_told", str(notes), str(gate)) for _ in range(3)]
        large = record.publish(lab, "a", "faulty.note_if_told", str(notes), str(gate), 2)
        for jid in (*running, large):
            until(lambda jid=jid: set(record.counts(lab, jid)) == {"running"}, 20, "the jobs do not run")

        hog = fill(small_disk)
        for _ in range(3):
            with pytest.raises(StoreFull, match=str(small_disk)):
                lab.ask("publish", tgt="*", fun="test.ping", arg=["x" * 8000])
        done = lab.run("run", "*", "test.ping", "x" * 8000)
        assert done.returncode == StoreFull.exit_code
        assert str(small_disk) in done.stderr
        gate.touch()
        until(lambda: len(record.leftovers(lab, "abc")) == 10, 20, lambda: f"outboxes: {record.leftovers(lab, 'abc')}")
        assert record.state(lab, running[0], "a") == "running"
        assert lab.connected() == set("abc")

        hog.unlink()
        for jid in (*running, large):
            states = {row["state"] for row in record.wait_until_over(lab, jid, 30)}
            assert states == {"returned"}
        record.wait_until_clean(lab, "abc")
        assert set(record.executions(notes).values()) == {1}
        assert len(record.value(lab, large, "a")) == 2 << 20
        assert record.returned(lab, "b", "test.ping") is True
        assert not list(place.glob("r/**/master/incoming/*"))


def test_a_master_on_a_full_disk_can_be_stopped_and_killed_and_loses_nothing(small_disk: Path, place: Path) -> None:
    with Lab(place, master={"heartbeat_interval": 1.0}) as lab:
        lab.start_master()
        lab.start_minions("ab", module_dirs=[str(MODULES)])
        for number in (signal.SIGTERM, signal.SIGKILL):
            notes, gate = place / f"notes-{number}", place / f"gate-{number}"
            jid = record.publish(lab, "*", "faulty.note_if_told", str(notes), str(gate))
            until(lambda jid=jid: record.counts(lab, jid) == {"running": 2}, 20, "the job does not run")
            hog = fill(small_disk)
            gate.touch()
            until(lambda: "cannot be stored" in lab.log("master"), 20, "the returns did not come")
            assert lab.stop("master", number) == (0 if number == signal.SIGTERM else -number)
            hog.unlink()
            lab.start_master()
            assert {row["state"] for row in record.wait_until_over(lab, jid, 30)} == {"returned"}
            assert record.executions(notes) == {(jid, "a"): 1, (jid, "b"): 1}
            record.wait_until_clean(lab, "ab")


def test_a_full_disk_under_a_minion_keeps_its_returns_until_there_is_space(place: Path) -> None:
    outbox = place / "minions/a/r/var/cache/saltern/minion/outbox"
    with small_disk_at(outbox), Lab(place, master={"heartbeat_interval": 1.0}) as lab:
        lab.start_master()
        lab.start_minions(["a"], module_dirs=[str(MODULES)])
        notes, gate = place / "notes", place / "gate"
        large = record.publish(lab, "a", "faulty.note_if_told", str(notes), str(gate), 2)
        ends_badly = record.publish(lab, "a", "faulty.note_and_end", str(notes), str(gate))
        for jid in (large, ends_badly):
            record.wait_for_state(lab, jid, "a", "running")
        hog = fill(outbox)
        gate.touch()
        until(lambda: len(record.executions(notes)) == 2, 20, "the jobs do not run")
        until(lambda: "written down yet" in lab.log("a") and "it cannot be written" in lab.log("a"), 20, "not noticed")
        assert record.state(lab, large, "a") == record.state(lab, ends_badly, "a") == "running"
        hog.unlink()
        record.wait_for_state(lab, large, "a", "returned")
        record.wait_for_state(lab, ends_badly, "a", "failed")
        assert record.executions(notes) == {(large, "a"): 1, (ends_badly, "a"): 1}
        record.wait_until_clean(lab, ["a"])


# --- a damaged file --------------------------------------------------------------------------------------------------


def newest_file(jobs: Path) -> Path:
    return max(path for path in jobs.glob("*.db") if "damaged" not in path.name)


def damage(path: Path, *tables: str) -> None:
    """Overwrite the pages of tables, beginning with their roots, as a bad disk does."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
        roots = [
            root
            for table in tables
            for (root,) in database.execute(
                "SELECT rootpage FROM sqlite_master WHERE tbl_name = ? AND rootpage", (table,)
            )
        ]
    database.close()
    with path.open("r+b") as file:
        for root in roots:
            file.seek((root - 1) * size)
            file.write(os.urandom(size))


@pytest.mark.parametrize("tables", [("body",), ("outcome",), ("job",), ("load", "minion"), ("extent",)])
def test_a_damaged_page_is_named_and_new_jobs_go_on(place: Path, tables: tuple[str, ...]) -> None:
    with Lab(place, master={"heartbeat_interval": 1.0}) as lab:
        lab.start_master()
        lab.start_minions("a", module_dirs=[str(MODULES)])
        old = [record.publish(lab, "a", "test.echo", "x" * 3000) for _ in range(40)]
        record.wait_until_over(lab)
        open_job = record.publish(lab, "a", "faulty.note_if_told", str(place / "notes"), str(place / "gate"))
        record.wait_for_state(lab, open_job, "a", "running")
        lab.stop_master()
        path = newest_file(place / "r/var/cache/saltern/master/jobs")
        damage(path, *tables)
        lab.start_master()
        lab.wait_for_minions("a")

        for jid in old[:5]:
            look_at(lab, jid)
        until(lambda: publishes(lab), 20, "no new job can be published")
        assert record.returned(lab, "a", "test.echo", "new") == "new"
        lab.ask("jobs", query={"limit": 100})
        (place / "gate").touch()
        record.wait_until_clean(lab, "a", 30)
        assert record.returned(lab, "a", "test.ping") is True
        assert path.stem in lab.log("master")
        assert "damaged" in lab.log("master")
        assert "Traceback" not in lab.log("master"), lab.log("master")

        lab.stop_master()
        lab.start_master()
        lab.wait_for_minions("a")
        assert record.returned(lab, "a", "test.ping") is True


def look_at(lab: Lab, jid: str) -> None:
    """Read a job, which the damage may forbid."""
    for verb, fields in (
        ("job", {"jid": jid}),
        ("outcomes", {"query": {"jid": jid}}),
        ("body", {"jid": jid, "minion": "a"}),
    ):
        try:
            lab.ask(verb, **fields)
        except StoreError as error:
            assert "damaged" in error.message
        except LookupError:
            raise
        except Exception as error:
            assert type(error).__name__ in ("JobNotFound", "NotFound"), error


def publishes(lab: Lab) -> bool:
    try:
        record.publish(lab, "a", "test.ping")
    except StoreError:
        return False
    return True


def test_a_file_that_is_no_database_at_all_is_put_aside(place: Path) -> None:
    with Lab(place) as lab:
        lab.start_master()
        lab.start_minions("a")
        record.returned(lab, "a", "test.ping")
        lab.stop_master()
        path = newest_file(place / "r/var/cache/saltern/master/jobs")
        path.write_bytes(os.urandom(40_000))
        lab.start_master()
        lab.wait_for_minions("a")
        assert record.returned(lab, "a", "test.ping") is True
        assert path.stem in lab.log("master")
        assert list(path.parent.glob(f"{path.stem}.damaged*"))

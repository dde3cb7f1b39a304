"""What a minion remembers of its jobs when its processes are killed at any moment."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from saltern.minion.journal import Journal, TakenJobs
from saltern.minion.outbox import Outbox
from saltern.minion.whole_files import new_file
from saltern.model.job import Return

JID = "20260101000000000000"
NEXT = "20260101000000000001"


def test_a_jid_that_was_seen_is_seen_by_the_next_life(tmp_path: Path) -> None:
    Journal(tmp_path).see(JID)
    assert Journal(tmp_path).has_seen(JID)


def test_a_torn_line_does_not_make_the_next_jid_forgotten(tmp_path: Path) -> None:
    Journal(tmp_path).see(JID)
    with (tmp_path / "seen").open("a") as file:
        file.write(NEXT[:7])
    Journal(tmp_path).see(NEXT)
    again = Journal(tmp_path)
    assert again.has_seen(JID)
    assert again.has_seen(NEXT)


def test_the_oldest_jids_are_forgotten_and_the_newest_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path, remember=10)
    jids = [f"{number:020d}" for number in range(25)]
    for jid in jids:
        journal.see(jid)
    for memory in (journal, Journal(tmp_path, remember=10)):
        assert all(memory.has_seen(jid) for jid in jids[-10:])
        assert not memory.has_seen(jids[0])


def test_a_worker_that_claims_a_job_is_named_in_its_record(tmp_path: Path) -> None:
    jobs = TakenJobs(tmp_path)
    jobs.take(JID, {"fun": "test.ping"})
    assert jobs.claim(JID, 4711) == {"fun": "test.ping"}
    assert jobs.taken()[JID]["pid"] == 4711


def test_a_job_that_was_ended_cannot_be_claimed(tmp_path: Path) -> None:
    jobs = TakenJobs(tmp_path)
    jobs.take(JID, {"fun": "test.ping"})
    jobs.end(JID)
    assert jobs.claim(JID, 4711) is None
    assert jobs.taken() == {}


def test_nobody_claims_a_job_while_another_decides_on_it(tmp_path: Path) -> None:
    jobs = TakenJobs(tmp_path)
    jobs.take(JID, {"fun": "test.ping"})
    claimed: list[object] = []
    claim = threading.Thread(target=lambda: claimed.append(TakenJobs(tmp_path).claim(JID, 4711)))
    with jobs.alone():
        claim.start()
        claim.join(0.1)
        assert not claimed
        jobs.end(JID)
    claim.join(10)
    assert claimed == [None]


def test_a_torn_record_is_a_job_that_was_never_taken(tmp_path: Path) -> None:
    jobs = TakenJobs(tmp_path)
    (tmp_path / "proc" / JID).write_bytes(b"\x83\xa3fun")
    assert jobs.taken() == {}
    assert not (tmp_path / "proc" / JID).exists()


def test_half_a_return_is_no_return_and_goes_with_its_process(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    (tmp_path / f".{JID}.{_a_dead_process()}").write_bytes(b"half")
    mine = tmp_path / f".{NEXT}.{os.getpid()}"
    mine.write_bytes(b"still being written")
    assert outbox.waiting() == []
    outbox.sweep()
    assert list(tmp_path.iterdir()) == [mine]


def _a_dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_return_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(JID, Return(jid=JID, fun="a"), lambda file: file.write(b"\xc3"))

    def fails(file: object) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        outbox.put(JID, Return(jid=JID, fun="b"), fails)
    entry = outbox.get(JID)
    assert entry is not None
    assert (entry.described().fun, entry.body()) == ("a", b"\xc3")
    assert [path.name for path in tmp_path.iterdir()] == [JID]


def test_a_file_appears_whole(tmp_path: Path) -> None:
    with new_file(tmp_path / "x") as file:
        file.write(b"abc")
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x").read_bytes() == b"abc"

"""Batches: the master lets minions have a job a few at a time (TGT-07)."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from lab import Lab, until
from sites import FAST, Site, documents, part, read_events, short_directory

_MINIONS = ("m1", "m2", "m3")


@pytest.fixture(scope="module")
def crowd() -> Iterator[Site]:
    with short_directory() as place, Site(place, master=FAST) as lab:
        lab.start_master()
        lab.start_minions(_MINIONS)
        yield lab


pytestmark = pytest.mark.xdist_group("batch")


def status(lab: Lab, jid: str) -> dict:
    return dict(lab.ask("batch", jid=jid)["batch"])


def spans(site: Site, jid: str) -> list[tuple[float, float]]:
    """When each minion worked on a job."""
    return sorted((row["started"], row["finished"]) for row in site.outcomes(jid).values())


@pytest.mark.behaviour("TGT-07")
def test_minions_take_turns(crowd: Site) -> None:
    done = crowd.run("run", "-b", "1", "--show-jid", "*", "cmd.run", "sleep 0.3", "--out", "json")

    assert (done.returncode, documents(done.stdout)) == (0, dict.fromkeys(_MINIONS, ""))
    jid = done.stderr.split("jid: ")[1].split()[0]
    times = spans(crowd, jid)
    assert all(before[1] <= after[0] for before, after in pairwise(times)), times
    end = {"completed": 3, "active": 0, "pending": 0, "halted": False}
    assert part(status(crowd, jid), end) == end


@pytest.mark.behaviour("TGT-07", "EVT-02")
def test_a_batch_is_one_job_with_rows_for_all_from_the_start_and_events(crowd: Site) -> None:
    jid = crowd.jid_of("-b", "1", "*", "cmd.run", "sleep 0.5")

    assert set(crowd.outcomes(jid)) == set(_MINIONS)
    assert crowd.ask("job", jid=jid)["counts"]["queued"] >= 1
    until(lambda: status(crowd, jid)["completed"] == 3, 20, "the batch does not end")
    new, progress = read_events(crowd, f"salt/batch/{jid}/*", 2)
    first, (tag, last) = new[1], read_events(crowd, f"salt/batch/{jid}/complete", 1)[0]
    assert (new[0], tag) == (f"salt/batch/{jid}/new", f"salt/batch/{jid}/complete")
    assert {name: first[name] for name in ("fun", "tgt", "tgt_type", "batch_size", "total_minions", "driver")} == {
        "fun": "cmd.run", "tgt": "*", "tgt_type": "glob", "batch_size": 1, "total_minions": 3, "driver": "master",
    }  # fmt: skip
    assert {"total", "active", "pending", "completed", "failed", "last_progress"} <= set(progress[1])
    assert (last["completed"], last["failed"], last["total_minions"]) == (3, 0, 3)


@pytest.mark.behaviour("TGT-07")
def test_a_place_stays_empty_for_as_long_as_it_is_asked_for(crowd: Site) -> None:
    done = crowd.run("run", "-b", "1", "--batch-wait", "0.5", "--show-jid", "*", "test.ping", "--out", "json")

    times = spans(crowd, done.stderr.split("jid: ")[1].split()[0])
    assert all(after[0] - before[1] >= 0.4 for before, after in pairwise(times)), times


@pytest.mark.behaviour("TGT-07", "CLI-07")
def test_failhard_ends_a_batch_at_the_first_failure(crowd: Site) -> None:
    done = crowd.run("run", "-b", "1", "--failhard", "--show-jid", "*", "test.retcode", "42", "--out", "json")

    assert done.returncode == 42
    assert len(documents(done.stdout)) == 1
    assert "[ERROR   ] Batch run stopped due to failhard" in done.stderr
    jid = done.stderr.split("jid: ")[1].split()[0]
    states = sorted(row["state"] for row in crowd.outcomes(jid).values())
    assert states == ["cancelled", "cancelled", "failed"]
    ((_, halted),) = read_events(crowd, f"salt/batch/{jid}/halted", 1)
    assert (halted["reason"], len(halted["abandoned_pending"])) == ("failhard", 2)


@pytest.mark.behaviour("TGT-07")
def test_a_batch_bears_as_many_failures_as_it_may(crowd: Site) -> None:
    done = crowd.run("run", "-b", "1", "--max-fail", "1", "*", "test.retcode", "3", "--static", "--out", "json")

    assert (done.returncode, len(json.loads(done.stdout))) == (3, 2)
    assert "Batch run stopped due to max_fail" in done.stderr


@pytest.mark.behaviour("TGT-07")
def test_a_paused_batch_waits_and_goes_on_when_resumed(crowd: Site) -> None:
    jid = crowd.jid_of("-b", "1", "*", "cmd.run", "sleep 0.5")
    assert crowd.run("jobs", "pause", jid).returncode == 0
    until(lambda: status(crowd, jid)["active"] == 0, 15, "what was at work does not end")

    paused = status(crowd, jid)
    assert (paused["paused"], paused["pending"] > 0, paused["halted"]) == (True, True, False)
    assert crowd.run("runner", "batch.resume", jid, "--out", "json").stdout.strip() == "true"
    assert crowd.run("jobs", "watch", jid, "--static", "--out", "json").returncode == 0
    assert status(crowd, jid)["completed"] == 3


@pytest.mark.behaviour("TGT-07")
@pytest.mark.parametrize("kill", [False, True])
def test_a_batch_that_is_stopped_leaves_or_ends_what_is_at_work(crowd: Site, kill: bool) -> None:
    jid = crowd.jid_of("-b", "1", "*", "cmd.run", "sleep 1")
    until(lambda: status(crowd, jid)["active"] == 1, 10, "it does not begin")
    stopped = crowd.run("runner", "batch.stop", jid, f"kill={kill}", "--out", "json")
    again = crowd.run("runner", "batch.stop", jid, "--out", "json")

    assert (stopped.stdout.strip(), again.stdout.strip()) == ("true", "false")
    until(lambda: status(crowd, jid)["active"] == 0, 15, "what was at work does not end")
    now = status(crowd, jid)
    assert (now["halted_reason"], now["completed"], now["cancelled"]) == ("stop", 0 if kill else 1, 3 if kill else 2)


@pytest.mark.behaviour("TGT-07")
def test_unknown_batches_are_none_and_a_share_of_the_target_is_a_size(crowd: Site) -> None:
    unknown = crowd.run("runner", "batch.status", "20240610120000000000", "--out", "json")
    shared = crowd.jid_of("-b", "67%", "*", "test.ping")

    assert unknown.stdout.strip() == "null"
    assert status(crowd, shared)["batch_size"] == 2
    assert crowd.run("run", "-b", "many", "*", "test.ping").returncode == 64


@pytest.mark.behaviour("TGT-07")
def test_large_targets_become_batches_by_themselves(crowd: Site) -> None:
    done = crowd.run("run", "--batch-safe-limit", "3", "--batch-safe-size", "1", "*", "test.ping")
    few = crowd.run("run", "--batch-safe-limit", "4", "*", "test.ping")

    assert "NOTICE: Too many minions targeted, switching to batch execution." in done.stdout
    assert done.stdout.count("Executing run on") == 3
    assert "Executing" not in few.stdout


@pytest.mark.behaviour("TGT-07")
def test_a_batch_survives_its_command_and_two_ends_of_the_master(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(_MINIONS)
    jid = lab.run("run", "--async", "-b", "1", "*", "cmd.run", "sleep 1").stdout.split()[-1]
    for number in (signal.SIGTERM, signal.SIGKILL):
        until(lambda: status(lab, jid)["active"] == 1, 15, "nobody is at work")
        lab.stop_master(number)
        lab.start_master()
    until(lambda: status(lab, jid)["completed"] == 3, 40, lambda: f"{status(lab, jid)}\n{lab.log('master')[-2000:]}")

    rows = lab.ask("outcomes", query={"jid": jid})["outcomes"]
    assert [row["state"] for row in rows] == ["returned"] * 3
    began = [row["started"] for row in sorted(rows, key=lambda row: row["started"])]
    ended = [row["finished"] for row in sorted(rows, key=lambda row: row["started"])]
    assert all(end <= start + 0.05 for end, start in zip(ended[:-1], began[1:], strict=True)), rows


@pytest.mark.behaviour("TGT-07")
def test_a_minion_that_is_away_is_passed_over_or_waited_for(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minions(_MINIONS)
    lab.stop("m1")
    until(lambda: "m1" not in lab.connected(), 15, "m1 is still there")

    passed = lab.run("run", "-b", "1", "*", "test.ping")
    waiting = lab.run("run", "--async", "-b", "1", "--deliver-within", "5m", "*", "test.ping").stdout.split()[-1]
    until(lambda: status(lab, waiting)["completed"] == 2, 15, "the others do not return")
    lab.start_minion("m1")
    until(lambda: status(lab, waiting)["completed"] == 3, 20, lambda: str(status(lab, waiting)))

    assert "Minion m1 did not respond. No job will be sent." in passed.stdout
    assert passed.returncode == 3


@pytest.mark.behaviour("TGT-08")
def test_a_subset_has_as_many_minions_as_asked_for(crowd: Site) -> None:
    two = crowd.run("run", "--subset", "2", "*", "test.ping", "--static", "--out", "json")
    none = crowd.run("run", "--subset", "2", "*", "no.such_function")

    assert len(json.loads(two.stdout)) == 2
    assert none.returncode == 2

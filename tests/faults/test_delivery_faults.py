"""At least once delivered, once executed, once stored: whatever is cut, and whoever is away."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import record
from fault_lab import Network, running_lab, short_directory
from lab import Lab, until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("delivery")]

LOST_AFTER = 2.0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab(
        master={"heartbeat_interval": 1.0, "minion_lost_after": LOST_AFTER, "reconnect_window": 0.2}
    ) as lab:
        yield lab


@pytest.fixture(scope="module")
def network(lab: Lab) -> Iterator[Network]:
    """Between the master and the minion `far`."""
    with Network(lab.port) as network:
        from fault_lab import MODULES

        lab.start_minion("far", master_port=network.port, module_dirs=[str(MODULES)])
        lab.wait_for_minions(["far"])
        yield network


@pytest.fixture
def far(lab: Lab, network: Network) -> Iterator[Network]:
    """The network of a minion that is connected; nothing is left on the minion afterwards."""
    lab.wait_for_minions(["far"])
    yield network
    network.come_up()
    lab.wait_for_minions(["far"])
    record.wait_until_clean(lab, ["far"])
    assert record.returned(lab, "far", "test.ping") is True


def go_away(lab: Lab, far: Network) -> None:
    far.go_down()
    record.soon(lambda: "far" not in lab.connected(), "the minion is still there")


def come_back(lab: Lab, far: Network) -> None:
    far.come_up()
    lab.wait_for_minions(["far"])


# --- away ------------------------------------------------------------------------------------------------------------


def test_a_minion_that_is_away_is_on_record_as_not_connected_at_once(lab: Lab, far: Network, tmp_path: Path) -> None:
    go_away(lab, far)
    answer = lab.ask("publish", tgt="far", fun="faulty.note", arg=[str(tmp_path / "notes")])
    assert answer["away"] == ["far"]
    found = record.outcome(lab, answer["jid"], "far")
    assert (found["state"], found["reason"]) == ("expired", "not connected")
    come_back(lab, far)
    record.returned(lab, "far", "test.ping")
    assert not record.executions(tmp_path / "notes")


def test_a_job_that_may_wait_is_done_once_when_its_minion_is_back(lab: Lab, far: Network, tmp_path: Path) -> None:
    go_away(lab, far)
    jid = record.publish(lab, "far", "faulty.note", str(tmp_path / "notes"), deliver_within=60.0)
    time.sleep(1.5)
    assert record.state(lab, jid, "far") == "queued"
    come_back(lab, far)
    record.wait_for_state(lab, jid, "far", "returned")
    for _ in range(2):
        far.cut()
        record.soon(lambda: "far" in lab.connected(), "the minion did not come back")
    assert record.executions(tmp_path / "notes") == {(jid, "far"): 1}


def test_a_job_that_waited_too_long_is_never_done(lab: Lab, far: Network, tmp_path: Path) -> None:
    go_away(lab, far)
    jid = record.publish(lab, "far", "faulty.note", str(tmp_path / "notes"), deliver_within=1.5)
    assert record.state(lab, jid, "far") == "queued"
    found = record.wait_for_state(lab, jid, "far", "expired")
    assert "in time" in found["reason"]
    come_back(lab, far)
    record.returned(lab, "far", "test.ping")
    assert not record.executions(tmp_path / "notes")


def test_a_job_that_waits_outlives_the_master(lab: Lab, far: Network, tmp_path: Path) -> None:
    go_away(lab, far)
    jid = record.publish(lab, "far", "faulty.note", str(tmp_path / "notes"), deliver_within=60.0)
    lab.stop_master(signal.SIGKILL)
    lab.start_master()
    assert record.state(lab, jid, "far") == "queued"
    come_back(lab, far)
    record.wait_for_state(lab, jid, "far", "returned")
    assert record.executions(tmp_path / "notes") == {(jid, "far"): 1}


# --- cut -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("within", [0.0, 60.0])
def test_a_cut_before_the_job_arrives(lab: Lab, far: Network, tmp_path: Path, within: float) -> None:
    far.jam("down")
    jid = record.publish(lab, "far", "faulty.note", str(tmp_path / "notes"), deliver_within=within)
    time.sleep(0.3)
    assert record.state(lab, jid, "far") in ("queued", "sent")
    far.cut()
    if within:
        record.wait_for_state(lab, jid, "far", "returned")
        assert record.executions(tmp_path / "notes") == {(jid, "far"): 1}
    else:
        record.wait_for_state(lab, jid, "far", "expired")
        lab.wait_for_minions(["far"])
        record.returned(lab, "far", "test.ping")
        assert not record.executions(tmp_path / "notes")


@pytest.mark.behaviour("JOB-16")
@pytest.mark.parametrize("within", [0.0, 60.0])
@pytest.mark.parametrize("fun", ["faulty.note", "test.ping"])
def test_a_cut_before_the_return_arrives(lab: Lab, far: Network, tmp_path: Path, within: float, fun: str) -> None:
    """The master knows nothing of the job, and would push it again; the minion has done it."""
    notes = tmp_path / "notes"
    far.jam("up")
    jid = record.publish(lab, "far", fun, *([str(notes)] if fun == "faulty.note" else []), deliver_within=within)
    record.soon(lambda: bool(record.leftovers(lab, ["far"])), "the return is not in the outbox")
    record.soon(lambda: fun != "faulty.note" or bool(record.executions(notes)), "the job did not run")
    far.cut()
    record.wait_for_state(lab, jid, "far", "returned")
    assert record.value(lab, jid, "far") is True
    assert fun != "faulty.note" or record.executions(notes) == {(jid, "far"): 1}


def test_a_cut_before_the_minion_hears_that_its_return_is_stored(lab: Lab, far: Network, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    jid = record.publish(lab, "far", "faulty.note_if_told", str(notes), str(gate))
    record.wait_for_state(lab, jid, "far", "running")
    far.jam("down")
    gate.touch()
    found = record.wait_for_state(lab, jid, "far", "returned")
    assert record.leftovers(lab, ["far"])
    far.cut()
    lab.wait_for_minions(["far"])
    record.wait_until_clean(lab, ["far"])
    assert record.outcome(lab, jid, "far") == found
    assert record.executions(notes) == {(jid, "far"): 1}


def test_a_large_return_that_is_cut_again_and_again_arrives_whole(lab: Lab, far: Network, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    jid = record.publish(lab, "far", "faulty.note_if_told", str(notes), str(gate), 30)
    record.wait_for_state(lab, jid, "far", "running")
    gate.touch()
    for seconds in (0.3, 0.2, 0.25):
        time.sleep(seconds)
        far.cut()
        record.soon(lambda: "far" in lab.connected(), "the minion did not come back")
    record.wait_for_state(lab, jid, "far", "returned")
    assert record.value(lab, jid, "far") == "x" * (30 << 20)
    assert record.executions(notes) == {(jid, "far"): 1}


# --- late ------------------------------------------------------------------------------------------------------------


def test_a_return_that_comes_late_replaces_lost(lab: Lab, far: Network, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    jid = record.publish(lab, "far", "faulty.note_if_told", str(notes), str(gate))
    record.wait_for_state(lab, jid, "far", "running")
    go_away(lab, far)
    assert "not been seen" in record.wait_for_state(lab, jid, "far", "lost")["reason"]
    assert record.counts(lab, jid) == {"lost": 1}
    gate.touch()
    come_back(lab, far)
    record.wait_for_state(lab, jid, "far", "returned")
    assert record.counts(lab, jid) == {"returned": 1}
    assert record.executions(notes) == {(jid, "far"): 1}


def test_a_return_that_comes_late_replaces_expired(lab: Lab, far: Network, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    far.jam("up")
    jid = record.publish(lab, "far", "faulty.note_if_told", str(notes), str(gate))
    record.soon(lambda: bool(record.leftovers(lab, ["far"])), "the job did not arrive")
    go_away(lab, far)
    record.wait_for_state(lab, jid, "far", "expired")
    gate.touch()
    come_back(lab, far)
    record.wait_for_state(lab, jid, "far", "returned")
    assert record.executions(notes) == {(jid, "far"): 1}


# --- the master is away ----------------------------------------------------------------------------------------------


@pytest.mark.behaviour("JOB-16")
def test_outboxes_wait_for_a_master_that_is_down(lab: Lab, far: Network, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    jids = [record.publish(lab, "far", "faulty.note_if_told", str(notes), str(gate)) for _ in range(5)]
    for jid in jids:
        record.wait_for_state(lab, jid, "far", "running")
    lab.stop_master(signal.SIGKILL)
    gate.touch()
    record.soon(lambda: len(record.executions(notes)) == 5, "the jobs do not go on")
    outbox = next(lab.minion_directory("far").glob("r/**/outbox"))
    until(lambda: {path.name for path in outbox.iterdir()} == set(jids), 20, "the returns are not in the outbox")
    lab.stop("far", signal.SIGKILL)
    lab.start_minion("far")
    time.sleep(0.5)
    lab.start_master()
    for jid in jids:
        record.wait_for_state(lab, jid, "far", "returned")
    assert set(record.executions(notes).values()) == {1}


def test_a_job_that_is_delivered_a_second_time_is_not_done_a_second_time(
    lab: Lab, far: Network, tmp_path: Path
) -> None:
    """The master was set back to a copy of its store in which the job still waits."""
    notes, jobs = tmp_path / "notes", next(lab.root.glob("r/**/master/jobs"))
    go_away(lab, far)
    jid = record.publish(lab, "far", "faulty.note", str(notes), deliver_within=120.0)
    lab.stop_master()
    shutil.copytree(jobs, tmp_path / "copy")
    lab.start_master()
    come_back(lab, far)
    record.wait_for_state(lab, jid, "far", "returned")
    record.wait_until_clean(lab, ["far"])
    lab.stop_master()
    lab.stop("far", signal.SIGKILL)
    shutil.rmtree(jobs)
    shutil.copytree(tmp_path / "copy", jobs)
    lab.start_master()
    assert record.state(lab, jid, "far") == "queued"
    lab.start_minion("far")
    assert "ran here before" in record.wait_for_state(lab, jid, "far", "lost")["reason"]
    assert record.executions(notes) == {(jid, "far"): 1}


# --- many ------------------------------------------------------------------------------------------------------------


def test_a_master_that_is_killed_with_a_thousand_returns_on_their_way_stores_each_once() -> None:
    count = 1000
    with short_directory() as place, Lab(place, master={"reconnect_window": 1.0}) as lab:
        lab.start_master()
        lab.start_swarm("s", count, "--delay", "1s", seconds=60)
        jids = []
        for pause in (0.3, 1.0):
            jids += [record.publish(lab, "s-*", "test.echo", "x") for _ in range(3)]
            time.sleep(pause)
            lab.stop_master(signal.SIGKILL)
            lab.start_master()
            lab.wait_for_minions({f"s-{number}" for number in range(count)}, 40)
        record.wait_until_over(lab, seconds=40)
        states = record.check_that_it_adds_up(lab, {jid: [f"s-{number}" for number in range(count)] for jid in jids})
        assert {state for jid in jids for state in states[jid].values()} <= {"returned", "expired"}
        lab.stop("s")
        did = json.loads(lab.log("s").splitlines()[-1])
        returned = sum(state == "returned" for jid in jids for state in states[jid].values())
        assert did["jobs"] == returned, did
        assert did["refused"] == 0

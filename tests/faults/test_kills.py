"""Master, minions and callers are killed at any moment while hundreds of jobs are on their way; then it is counted."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import record
from fault_lab import running_lab
from lab import Lab, until

from saltern.errors import Unreachable

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("kills")]

MINIONS = ("a", "b", "c")
SWARM = 25
LOST_AFTER = 3.0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    options = {"heartbeat_interval": 2.0, "minion_lost_after": LOST_AFTER, "reconnect_window": 0.2}
    with running_lab(*MINIONS, master=options) as lab:
        lab.start_swarm("s", SWARM, "--delay", "100ms")
        yield lab


class Callers:
    """Threads that publish jobs of every kind until they are told to stop, and remember what they were answered."""

    def __init__(self, lab: Lab, notes: Path, seed: int) -> None:
        self._lab = lab
        self._notes = notes
        self._stop = threading.Event()
        self._seed = seed
        self.targets: dict[str, list[str]] = {}
        self.unsure = 0
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(2)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads)

    def wait_for(self, jobs: int) -> None:
        """Return when so many jobs more were published."""
        start = len(self.targets)
        record.soon(lambda: len(self.targets) >= start + jobs, f"no {jobs} jobs more were published", 60)

    def _call(self, number: int) -> None:
        chance = random.Random(f"{self._seed}-{number}")
        while not self._stop.is_set():
            try:
                answer = self._lab.socket.ask(self._request(chance), timeout=20)
                self.targets[answer["jid"]] = answer["minions"]
            except Unreachable:
                self.unsure += 1  # it may have been written down, or not
                time.sleep(0.05)
            time.sleep(chance.uniform(0, 0.04))

    def _request(self, chance: random.Random) -> dict[str, Any]:
        kind = chance.choices(("ping", "swarm", "note", "sleep", "command"), (6, 2, 4, 1, 2))[0]
        due = {"deliver_within": 30.0} if chance.random() < 0.3 else {}
        if kind == "ping":
            return {"verb": "publish", "tgt": "*", "fun": "test.ping", **due}
        if kind == "swarm":
            return {"verb": "publish", "tgt": "s-*", "fun": "test.echo", "arg": ["x"], **due}
        if kind == "command":
            command = f"echo $$ >> {self._notes.with_name('shell')}"
            return {"verb": "publish", "tgt": "*", "fun": "cmd.run", "arg": [command, "python_shell=True"], **due} | {
                "tgt": [chance.choice(MINIONS)], "tgt_type": "list"}  # fmt: skip
        seconds = 0.3 if kind == "sleep" else 0
        chosen = sorted(chance.sample(MINIONS, chance.randint(1, 3)))
        return {"verb": "publish", "tgt": chosen, "tgt_type": "list", "fun": "faulty.note",
                "arg": [str(self._notes), seconds], **due}  # fmt: skip


def check_the_record(lab: Lab, callers: Callers, notes: Path, *, may_be_lost: bool = False) -> None:
    """Nothing missing, nothing twice, nothing left behind."""
    record.wait_until_over(lab, seconds=40)
    record.wait_until_clean(lab, MINIONS)
    states = record.check_that_it_adds_up(lab, callers.targets)
    ran = record.executions(notes)
    assert not [key for key, times in ran.items() if times > 1], "a job ran twice"
    noted = {jid for jid, row in record.jobs(lab).items() if str(notes) in row["job"]["arg"]}
    assert len(noted) > 20
    for jid in noted:
        for minion, state in states[jid].items():
            allowed = ("returned", "expired", *(("lost", "failed") if may_be_lost else ()))
            assert state in allowed, f"{jid} on {minion} is {state}"
            assert state != "returned" or ran[jid, minion] == 1, f"{jid} returned on {minion} and did not run"
            # Pushed before the master was killed, its ack and return lost with it, and not due any more: such a job
            # may have run only if its return came late and replaced `expired`.
            assert state != "expired" or ran[jid, minion] == 0, f"{jid} ran on {minion} and is on record as expired"


@pytest.mark.behaviour("JOB-16")
def test_a_master_that_is_killed_again_and_again_loses_and_repeats_nothing(lab: Lab, tmp_path: Path) -> None:
    chance = random.Random(1)
    notes = tmp_path / "notes"
    with Callers(lab, notes, 1) as callers:
        for _ in range(5):
            callers.wait_for(40)
            time.sleep(chance.uniform(0, 0.3))
            lab.stop_master(signal.SIGKILL)
            time.sleep(chance.choice((0, 0.5)))
            lab.start_master()
            lab.wait_for_minions(MINIONS)
        callers.wait_for(40)
    check_the_record(lab, callers, notes)
    assert len(callers.targets) >= 240


@pytest.mark.behaviour("JOB-16")
def test_a_minion_killed_with_all_its_processes_comes_back_and_says_what_it_lost(lab: Lab, tmp_path: Path) -> None:
    chance = random.Random(2)
    notes = tmp_path / "notes"
    with Callers(lab, notes, 2) as callers:
        for name in ("a", "b", "a", "c", "a"):
            callers.wait_for(20)
            time.sleep(chance.uniform(0, 0.3))
            lab.stop(name, signal.SIGKILL)
            time.sleep(chance.choice((0, 0.5)))
            lab.start_minion(name)
            lab.wait_for_minions([name])
        callers.wait_for(20)
    check_the_record(lab, callers, notes, may_be_lost=True)


@pytest.mark.parametrize("victim", ["supervisor", "link"])
def test_jobs_outlive_the_process_of_a_minion_that_is_killed(lab: Lab, tmp_path: Path, victim: str) -> None:
    chance = random.Random(victim)
    notes = tmp_path / "notes"
    with Callers(lab, notes, 3) as callers:
        for name in ("a", "b", "a", "c", "a"):
            callers.wait_for(20)
            time.sleep(chance.uniform(0, 0.3))
            kill_part(lab, name, victim)
            callers.wait_for(10)
    lab.wait_for_minions(MINIONS)
    check_the_record(lab, callers, notes, may_be_lost=True)


def kill_part(lab: Lab, name: str, victim: str) -> None:
    """Kill one process of a minion; who starts a supervisor again, as a service manager does, is this."""
    if victim == "supervisor":
        lab.kill_only(name)
        lab.start_minion(name)
    else:
        # One that died is started again after a pause.
        until(lambda: lab.has_link(name), 20, f"{name} starts no link again")
        lab.link_of(name).kill()


def has_come_back(lab: Lab, minion: str, address: str) -> bool:
    """Whether a minion is connected from another address than before."""
    row = lab.ask("fleet")["minions"][minion]
    return bool(row["connected"] and row["address"] != address)


def test_a_long_job_goes_on_while_the_rest_of_its_minion_is_killed_around_it(lab: Lab, tmp_path: Path) -> None:
    notes, gate = tmp_path / "notes", tmp_path / "gate"
    jid = record.publish(lab, "a", "faulty.note_if_told", str(notes), str(gate))
    record.wait_for_state(lab, jid, "a", "running")
    for victim in ("link", "supervisor", "link"):
        address = lab.ask("fleet")["minions"]["a"]["address"]
        kill_part(lab, "a", victim)
        record.soon(partial(has_come_back, lab, "a", address), "the minion did not come back")
    assert record.state(lab, jid, "a") == "running"
    gate.touch()
    record.wait_for_state(lab, jid, "a", "returned")
    assert record.value(lab, jid, "a") is True
    assert record.executions(notes) == {(jid, "a"): 1}
    record.wait_until_clean(lab, ["a"])


def test_callers_that_are_killed_leave_their_jobs_to_go_on(lab: Lab, tmp_path: Path) -> None:
    chance = random.Random(4)
    notes = tmp_path / "notes"
    before = set(record.jobs(lab))
    for number in range(12):
        known = len(record.jobs(lab))
        caller = lab.spawn(
            "run", "[abc]", "faulty.note", str(notes), "0.1", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if number % 3 == 0:
            record.soon(lambda known=known: len(record.jobs(lab)) > known, "the caller started no job")
        time.sleep(chance.uniform(0.02, 0.3))
        caller.kill()
        caller.wait()
    record.wait_until_over(lab)
    new = dict.fromkeys(set(record.jobs(lab)) - before, MINIONS)
    assert len(new) >= 4
    states = record.check_that_it_adds_up(lab, new)
    assert {state for jid in new for state in states[jid].values()} == {"returned"}
    assert record.executions(notes) == {(jid, minion): 1 for jid in new for minion in MINIONS}

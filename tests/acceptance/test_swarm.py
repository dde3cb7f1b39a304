"""A swarm of simulated minions behaves as minions do, and says what it did."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from lab import Lab, until


@pytest.fixture
def lab(new_lab: Callable[..., Lab]) -> Lab:
    lab = new_lab()
    lab.start_master()
    return lab


def run(lab: Lab, target: str) -> dict[str, int]:
    jid = lab.ask("publish", tgt=target, fun="test.ping")["jid"]
    counts: dict[str, int] = lab.ask("follow", jid=jid, wait=20.0, bodies=False)["counts"]
    return counts


def what_it_did(lab: Lab, name: str) -> dict[str, float]:
    lab.stop(name)
    found: dict[str, float] = json.loads(lab.log(name).splitlines()[-1])
    return found


@pytest.mark.behaviour("SCL-07")
def test_a_swarm_in_two_processes_answers_with_delay_and_size_and_outlives_the_master(lab: Lab):
    lab.start_swarm("two", 30, "--processes", "2", "--delay", "20ms", "--size", "3k")
    assert run(lab, "two-*") == {"returned": 30}
    size = sum(len(chunk["data"]) for chunk in body(lab, "two-7"))
    assert size > 3 << 10
    lab.stop_master(9)
    lab.start_master()
    lab.wait_for_minions({f"two-{number}" for number in range(30)})
    assert run(lab, "two-*") == {"returned": 30}
    did = what_it_did(lab, "two")
    assert (did["enrolled"], did["jobs"], did["stored"], did["cut"]) == (30, 60, 60, 30)
    assert did["ack_p99_ms"] >= did["ack_p50_ms"] > 0


@pytest.mark.behaviour("SCL-07")
def test_a_swarm_that_drops_every_return_is_seen_as_not_answering(lab: Lab):
    lab.start_swarm("deaf", 3, "--drop", "1")
    jid = lab.ask("publish", tgt="deaf-*", fun="test.ping")["jid"]
    counts = lab.ask("follow", jid=jid, wait=0.5)["counts"]
    assert "returned" not in counts
    did = what_it_did(lab, "deaf")
    assert (did["jobs"], did["dropped"], did["returns"]) == (3, 3, 0)


@pytest.mark.behaviour("SCL-07")
def test_a_swarm_keeps_its_certificates_and_ends_by_itself(lab: Lab):
    lab.start_swarm("short", 4)
    assert what_it_did(lab, "short")["enrolled"] == 4
    lab.start_swarm("short", 4, "--duration", "2s", "--rate", "50")
    until(lambda: not lab.alive("short"), 20, "it does not end")
    did = json.loads(lab.log("short").splitlines()[-1])
    assert (did["enrolled"], did["connects"]) == (0, 4)


def body(lab: Lab, minion: str) -> list[dict[str, bytes]]:
    newest = lab.ask("jobs", query={"limit": 1})["jobs"][0]["job"]["jid"]
    with lab.socket.stream({"verb": "body", "jid": newest, "minion": minion}) as answers:
        return list(answers)

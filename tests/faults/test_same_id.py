"""Two minions with one id: a copied key, or one minion that comes back before its old connection is gone."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import record
from fault_lab import running_lab
from lab import Lab

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("peers")]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with running_lab("one") as lab:
        yield lab


def copy_the_key(lab: Lab, to: str) -> None:
    pki = next(lab.minion_directory("one").glob("r/**/pki"))
    shutil.copytree(pki, lab.minion_directory(to) / pki.relative_to(lab.minion_directory("one")))


def duplicates_reported(lab: Lab) -> list[dict[str, Any]]:
    end = lab.ask("send_event", tag="test/end")["seq"]
    found = []
    with lab.socket.stream({"verb": "events", "match": "salt/auth", "after": 0, "count": 0}) as rows:
        for row in rows:
            data = msgspec.msgpack.decode(row["data"])
            if data.get("act") == "duplicate":
                found.append(data)
            if row["seq"] >= end - 1 or found:
                break
    return found


def test_a_copy_is_turned_away_and_reported_while_the_first_is_there(lab: Lab) -> None:
    copy_the_key(lab, "copy")
    address = lab.ask("fleet")["minions"]["one"]["address"]
    lab.start_minion("copy", id="one")
    record.soon(lambda: "is turned away" in lab.log("master"), "the copy was not turned away")
    (report,) = duplicates_reported(lab)
    assert (report["id"], report["result"]) == ("one", False)
    assert lab.ask("fleet")["minions"]["one"]["address"] == address
    assert record.returned(lab, "one", "test.ping") is True

    lab.stop("one", signal.SIGKILL)
    record.soon(lambda: lab.ask("fleet")["minions"]["one"]["address"] != address, "nobody took the place")
    lab.wait_for_minions(["one"])
    assert record.returned(lab, "one", "test.ping") is True


def test_a_minion_that_comes_back_replaces_its_own_half_dead_connection(lab: Lab) -> None:
    """The old link neither answers nor closes its connection, as after a cut in the network."""
    address = lab.ask("fleet")["minions"]["one"]["address"]
    old = lab.link_of("one")
    old.suspend()
    try:
        lab.kill_only("one")
        assert "one" in lab.connected()
        jid = record.publish(lab, "one", "test.ping", deliver_within=30.0)
        lab.start_minion("one")
        record.soon(lambda: lab.ask("fleet")["minions"]["one"]["address"] != address, "it was not let in")
        record.wait_for_state(lab, jid, "one", "returned")
        assert record.returned(lab, "one", "test.ping") is True
        assert "is turned away" not in lab.log("master")
    finally:
        os.kill(old.pid, signal.SIGKILL)

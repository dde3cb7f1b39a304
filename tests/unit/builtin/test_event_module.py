"""The event module fires events on the master's log and on the minion's own bus."""

from __future__ import annotations

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(
        tmp_path, grains={"os": "Debian", "id": "m1"}, pillar={"secret": "x", "role": "web"}, saltenv="dev"
    )
    yield shipped
    shipped.space.close()


@pytest.mark.behaviour("EVT-01")
def test_an_event_carries_its_data(minion):
    assert minion.call("event.send", "a/b", {"x": 1}, y=2, __pub_jid="1") is True
    assert minion.call("event.fire_master", {"x": 1}, "a/c", preload={"z": 3}) is True
    assert minion.call("event.fire", {"x": 1}, "a/d") is True
    assert minion.events == [
        ("a/b", {"y": 2, "x": 1}, False),
        ("a/c", {"x": 1, "z": 3}, False),
        ("a/d", {"x": 1}, True),
    ]


def test_parts_of_grains_pillar_and_environment_go_along(minion, monkeypatch):
    monkeypatch.setenv("COLOUR", "red")
    minion.call("event.send", "t", with_grains=["os"], with_pillar="role", with_env=["COLOUR"], with_env_opts=True)
    minion.call("event.send", "t", with_grains=True)
    assert minion.events[0][1] == {
        "environ": {"COLOUR": "red"},
        "grains": {"os": "Debian"},
        "pillar": {"role": "web"},
        "saltenv": "dev",
        "pillarenv": None,
    }
    assert minion.events[1][1] == {"grains": {"os": "Debian", "id": "m1"}}


def test_what_is_no_dictionary_is_not_sent(minion):
    assert minion.call("event.fire", "x", "a/b") is False
    assert minion.call("event.fire_master", "x", "a/b") is False
    assert minion.events == []


def test_without_anybody_to_hear_nothing_is_sent(tmp_path):
    alone = Shipped(tmp_path, connected=False)
    assert [alone.call("event.send", "t", {}), alone.call("event.fire", {}, "t")] == [False, False]
    alone.space.close()

"""What the master keeps of its minions' grains and pillar, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import Lab, until
from sites import read_events


@pytest.mark.behaviour("GRN-07")
def test_the_start_tells_the_chosen_grains_and_a_change_of_what_is_kept_is_told(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("web1", grains={"role": "web"}, start_event_grains=["role", "id", "nosuch"])
    lab.start_minion("db1", enable_legacy_startup_events=False)
    lab.wait_for_minions(("web1", "db1"))

    [(_, start)] = read_events(lab, "salt/minion/web1/start", 1)
    assert start["grains"] == {"role": "web", "id": "web1"}
    [(_, plain)] = read_events(lab, "salt/minion/db1/start", 1)
    assert "grains" not in plain
    [(_, legacy)] = read_events(lab, "minion_start", 1)
    assert (legacy["id"], legacy["tag"], legacy["data"]) == ("web1", "minion_start", start["data"])

    read_events(lab, "minion/refresh/web1", 2)  # the grains, the pillar
    assert lab.json("run", "web1", "grains.set", "place", "attic")["web1"]["result"] is True
    (_, told) = read_events(lab, "minion/refresh/web1", 3)[-1]
    assert told["Minion data cache refresh"] == "web1"
    assert lab.json("run", "-G", "place:attic", "test.ping") == {"web1": True}
    [(_, other)] = read_events(lab, "minion_start", 1)
    assert other["id"] == "web1"


@pytest.mark.behaviour("GRN-07")
def test_without_the_option_no_event_tells_of_a_change(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(minion_data_cache_events=False)
    lab.start_master()
    lab.start_minion("web1", grains={"role": "web"})
    lab.wait_for_minions(("web1",))
    assert lab.json("run", "web1", "grains.set", "place", "attic")["web1"]["result"] is True
    until(lambda: lab.json("run", "-G", "place:attic", "test.ping") == {"web1": True}, 20, "the grain is not known")
    lab.json("run", "web1", "event.fire_master", "{}", "seen/last")
    tags = [tag for tag, _ in read_events(lab, "*", 3)]
    while tags[-1] != "seen/last":
        tags = [tag for tag, _ in read_events(lab, "*", len(tags) + 1)]
    assert "salt/minion/web1/start" in tags
    assert not [tag for tag in tags if tag.startswith("minion/refresh/")]

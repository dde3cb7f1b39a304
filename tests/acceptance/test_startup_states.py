"""`startup_states`: what a minion applies when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from lab import Lab, until
from sites import FAST, short_directory

_TOUCH = "{place}/{name}:\n  cmd.run:\n    - name: echo run >> {place}/{name}\n"


@pytest.fixture
def place() -> Iterator[Path]:
    with short_directory() as found:
        (found / "srv").mkdir()
        for name in ("one", "two", "high", "other"):
            (found / "srv" / f"{name}.sls").write_text(_TOUCH.format(place=found, name=name))
        (found / "srv" / "top.sls").write_text("base: {'*': [high]}\n")
        (found / "srv" / "first.sls").write_text("base: {'*': [other]}\n")
        yield found


def _ran(place: Path) -> dict[str, int]:
    """How often the states of each SLS file ran."""
    names = ("one", "two", "high", "other")
    return {name: len((place / name).read_text().split()) for name in names if (place / name).exists()}


@pytest.mark.behaviour("STA-24")
@pytest.mark.parametrize(
    ("options", "ran", "fun"),
    [
        ({"startup_states": "highstate"}, {"high": 1}, "state.highstate"),
        ({"startup_states": "sls", "sls_list": ["one", "two"]}, {"one": 1, "two": 1}, "state.sls"),
        ({"startup_states": "top", "top_file": "first.sls"}, {"other": 1}, "state.top"),
    ],
)
def test_a_minion_applies_states_when_it_has_started_and_tells_its_master(
    new_lab: Callable[..., Lab], place: Path, options: dict[str, Any], ran: dict[str, int], fun: str
):
    lab = new_lab(file_roots={"base": [str(place / "srv")]})
    lab.start_master()
    lab.start_minion("m1", **options)
    until(lambda: bool(_jobs(lab, fun)), 30, "the states were not told to the master")
    [jid] = _jobs(lab, fun)
    told = lab.json("runner", "jobs.lookup_jid", jid)["m1"]
    assert {one["__sls__"] for one in told.values()} == set(ran)
    assert all(one["result"] is True for one in told.values())
    assert _ran(place) == ran

    # A connection that is made anew is no start of the minion, nor is a link process that was lost.
    link = lab.link_of("m1")
    link.kill()
    until(lambda: not psutil.pid_exists(link.pid), 10, "the link does not end")
    until(lambda: "m1" not in lab.connected() or lab.link_of("m1").pid != link.pid, 20, "no new link")
    lab.wait_for_minions(["m1"])
    assert lab.json("run", "m1", "test.ping") == {"m1": True}
    assert _ran(place) == ran

    lab.stop("m1")
    lab.start_minion("m1")
    twice = dict.fromkeys(ran, 2)
    until(lambda: _ran(place) == twice, 30, "the states were not applied at the next start")


@pytest.mark.behaviour("STA-24")
def test_a_minion_without_a_master_applies_them_from_its_own_files(place: Path):
    with Lab(place / "lab", master=FAST) as lab:
        roots = {"base": [str(place / "srv")]}
        lab.start_minion("m1", startup_states="highstate", master_type="disable", file_client="local", file_roots=roots)
        until(lambda: _ran(place) == {"high": 1}, 30, "the states were not applied")


def _jobs(lab: Lab, fun: str) -> list[str]:
    return [jid for jid, job in lab.json("runner", "jobs.list_jobs").items() if job["Function"] == fun]

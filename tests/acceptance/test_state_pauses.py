"""Runs of states that pause, go on and end where somebody wishes it, on a running system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lab import until
from sites import Site

pytestmark = pytest.mark.xdist_group("site")

# The first state tells that it runs, and waits to be told that the pauses are set.
_STATES = """
first:
  cmd.run:
    - name: touch {place}/runs; until [ -e {place}/go ]; do sleep 0.05; done
second:
  test.nop: []
third:
  file.touch:
    - name: {place}/third
last:
  test.nop: []
"""


class PausedRun:
    """A run of `_STATES` whose first state waits until `go`."""

    def __init__(self, site: Site, place: Path) -> None:
        self._site = site
        self.third = place / "third"
        self._go = place / "go"
        (site.root / "srv" / "paused.sls").write_text(_STATES.format(place=place))
        self.jid = site.jid_of("web1", "state.sls", "paused")
        until((place / "runs").exists, 15, "the states do not run")

    def ask(self, fun: str, *arguments: str) -> Any:
        return self._site.json("run", "web1", fun, *arguments)["web1"]

    def go(self) -> None:
        self._go.touch()

    def ids(self) -> list[str]:
        """The states that ran, when the job is over."""
        self._site.until_state(self.jid, "web1", "returned")
        results = self._site.json("runner", "jobs.lookup_jid", self.jid)["web1"]
        return [one["__id__"] for one in sorted(results.values(), key=lambda one: one["__run_num__"])]


@pytest.fixture
def paused(site: Site, tmp_path: Path) -> PausedRun:
    return PausedRun(site, tmp_path)


@pytest.mark.behaviour("STA-20")
def test_a_run_pauses_before_a_state_until_it_is_resumed(paused: PausedRun):
    assert paused.ask("state.pause", paused.jid, "third") is None
    assert paused.ask("state.get_pauses") == {paused.jid: {"third": {}}}
    paused.go()
    assert paused.ask("state.get_pauses", paused.jid) == {paused.jid: {"third": {}}}
    assert len(paused.ask("state.running")) == 1
    assert not paused.third.exists()

    assert paused.ask("state.resume", paused.jid, "third") is None
    assert paused.ids() == ["first", "second", "third", "last"]
    assert paused.third.exists()
    assert paused.ask("state.get_pauses") == {}


def test_a_pause_without_an_id_holds_the_next_state_for_its_duration(paused: PausedRun):
    paused.ask("state.pause", paused.jid, "duration=1")
    assert paused.ask("state.get_pauses") == {paused.jid: {"__all__": {"duration": 1}}}
    paused.go()
    assert paused.ids() == ["first", "second", "third", "last"]


@pytest.mark.parametrize(("where", "ran"), [([], ["first"]), (["third"], ["first", "second"])])
def test_a_softly_killed_run_returns_what_it_did(paused: PausedRun, where: list[str], ran: list[str]):
    assert paused.ask("state.soft_kill", paused.jid, *where) is None
    assert paused.ask("state.get_pauses") == {paused.jid: {where[0] if where else "__all__": {"kill": True}}}
    paused.go()
    assert paused.ids() == ran
    assert not paused.third.exists()


def test_a_pause_of_a_job_that_is_over_is_forgotten(site: Site):
    site.json("run", "web1", "state.pause", "20171130110407769519", "vim")
    assert site.json("run", "web1", "state.get_pauses")["web1"] == {}
    wrong = site.run("run", "web1", "state.pause", "../../x")
    assert "is no jid" in wrong.stdout + wrong.stderr

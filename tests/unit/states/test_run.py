"""A run's rules, over calls that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from saltern.states.chunks import chunks_of
from saltern.states.graph import link
from saltern.states.plan import Plan
from saltern.states.results import Result, hidden
from saltern.states.run import Run, RunOptions

pytestmark = pytest.mark.behaviour("REQ-02", "REQ-03", "REQ-04", "REQ-08")


class Pretended:
    """Calls whose results a test names by id: True, False, or "changes"."""

    def __init__(self, **outcomes: Any) -> None:
        self.outcomes = outcomes
        self.called: list[str] = []
        self.watched: dict[str, Any] = {}

    def call(self, chunk: Any, results: Mapping[str, Result], *, test: bool) -> Result:
        name = chunk["__id__"]
        self.called.append(f"{name}?" if test else name)
        outcome = self.outcomes.get(name, True)
        changes = {"new": 1} if outcome == "changes" else {}
        result = None if test and changes else outcome is not False
        return {"name": name, "result": result, "changes": changes, "comment": ""}

    def skipped(self, chunk: Any) -> Result | None:
        return None

    def watch(self, chunk: Any, results: Mapping[str, Result], watched: Any) -> Result | None:
        self.watched[chunk["__id__"]] = watched
        return {"name": chunk["name"], "result": True, "changes": {"watched": True}, "comment": ""}

    def listen(self, chunk: Any, results: Mapping[str, Result], *, test: bool) -> Result:
        self.watched[chunk["__id__"]] = {}
        return {"name": chunk["name"], "result": True, "changes": {"watched": True}, "comment": ""}

    def beacon(self, chunk: Any, results: Mapping[str, Result], *, test: bool) -> Result:
        raise AssertionError

    def start(self, chunk: Any, results: Mapping[str, Result], *, test: bool) -> Any:
        raise AssertionError

    def done(self, chunk: Any, result: Result) -> None:
        pass


def run(calls: Pretended, options: RunOptions | None = None, **ids: Any) -> dict[str, Any]:
    high = {
        name: {"test": ["nop", {"order": 10_000 + place}, *arguments], "__sls__": "main", "__env__": "base"}
        for place, (name, arguments) in enumerate(ids.items())
    }
    chunks = chunks_of(high)
    plan = Plan(link(chunks)[0])
    chunks = [chunks[step] for step in plan.arranged(chunks)[0] if not plan.is_trial(step)]
    results = Run(chunks, link(chunks)[0], calls, options or RunOptions()).run()
    return {result["__id__"]: result for result in results.values()}


def test_a_failed_requisite_keeps_all_behind_it_from_running():
    calls = Pretended(bad=False)
    found = run(calls, bad=[], needs=[{"require": ["bad"]}], further=[{"require": ["needs"]}], free=[])
    assert calls.called == ["bad", "free"]
    assert found["needs"]["comment"] == "One or more requisite failed: main.bad"
    assert found["further"]["comment"] == "One or more requisite failed: main.needs"
    assert [found[name]["result"] for name in ("needs", "further", "free")] == [False, False, True]


def test_a_watched_change_is_answered_once_and_not_after_a_change_of_its_own():
    calls = Pretended(a="changes", own="changes")
    run(calls, a=[], w=[{"watch": [{"test": "a"}]}], own=[{"watch": [{"test": "a"}]}], calm=[{"watch": ["w2"]}], w2=[])
    assert calls.watched == {"w": {"watch": [{"test": "a"}]}}


def test_prereq_tries_the_other_state_and_runs_before_it():
    calls = Pretended(deploy="changes")
    found = run(
        calls, deploy=[], stop=[{"prereq": [{"test": "deploy"}]}], idle=[{"prereq": [{"test": "calm"}]}], calm=[]
    )
    assert calls.called == ["deploy?", "stop", "deploy", "calm?", "calm"]
    assert found["idle"]["comment"] == "No changes detected"


def test_a_failed_prereq_keeps_the_other_state_from_running():
    calls = Pretended(deploy="changes", stop=False)
    found = run(calls, deploy=[], stop=[{"prereq": [{"test": "deploy"}]}])
    assert calls.called == ["deploy?", "stop"]
    assert (found["deploy"]["result"], found["deploy"]["changes"]) == (None, {})


def test_failhard_ends_the_run_and_test_mode_does_not_obey_it():
    calls = Pretended(bad=False)
    assert list(run(calls, RunOptions(failhard=True), bad=[], after=[])) == ["bad"]
    assert list(run(Pretended(bad=False), RunOptions(failhard=True, test=True), bad=[], after=[])) == ["bad", "after"]


def test_listeners_run_at_the_end_once():
    calls = Pretended(a="changes", b="changes")
    found = run(calls, w=[{"listen": ["a", "b"]}], a=[], b=[], last=[])
    assert calls.watched == {"listener_w": {}}
    assert found["listener_w"]["__run_num__"] == 4


def test_what_a_state_ran_itself_is_masked_with_it():
    within = {"name": "f", "result": True, "changes": {"diff": "secret"}, "comment": "secret", "low": {}}
    result = hidden({"name": "a", "result": True, "changes": {}, "comment": "secret", "sub_state_run": [within]})
    assert "secret" not in str(result)

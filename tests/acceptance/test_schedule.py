"""Jobs that minions and masters run by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import Lab, until
from sites import documents, read_events

SHOWN = {"jid_include": True, "maxrunning": 1, "enabled": True}
"""What Salt shows of a job that was not told it."""


def answer(lab: Lab, minion: str, *words: str) -> Any:
    return documents(lab.run("run", minion, *words, "--out", "json").stdout)[minion]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def returns(lab: Lab, count: int, schedule: str) -> list[dict[str, Any]]:
    """The events of the first returns of a scheduled job."""
    found: list[dict[str, Any]] = []

    def are_there() -> bool:
        read = read_events(lab, "salt/job/*/ret/*", len(found) + 1)
        found[:] = [data for _, data in read]
        return len([data for data in found if data.get("schedule") == schedule]) >= count

    until(are_there, 30, f"{schedule} has not returned {count} times")
    return [data for data in found if data.get("schedule") == schedule][:count]


@pytest.mark.behaviour("SCH-01", "SCH-02", "SCH-03")
def test_a_minion_runs_its_jobs_and_its_master_keeps_what_they_return(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    pillar = lab.root / "r" / "srv" / "pillar"
    pillar.mkdir(parents=True)
    (pillar / "top.sls").write_text("base:\n  '*': [jobs]\n")
    of_pillar = {"function": "test.echo", "args": ["of pillar"], "seconds": 1}
    (pillar / "jobs.sls").write_text(json.dumps({"schedule": {"of_pillar": of_pillar}}))
    lab.start_master()
    seen = lab.root / "seen"
    jobs = {
        "told": {
            "function": "test.arg",
            "args": [1, "two"],
            "kwargs": {"a": "b"},
            "seconds": 1,
            "metadata": {"x": "y"},
        },
        "quiet": {"function": "cmd.run", "args": [f"echo run >> {seen}"], "seconds": 1, "return_job": False},
        "event": {"function": "test.echo", "args": ["not kept"], "seconds": 1, "return_job": "nocache"},
        "fails": {"function": "test.fail", "seconds": 3600},
        "off": {"function": "test.echo", "args": ["off"], "seconds": 1, "enabled": False},
    }
    lab.start_minion("web1", schedule=jobs)
    lab.wait_for_minions(("web1",))

    first, second = returns(lab, 2, "told")
    assert first["fun_args"] == [1, "two", {"a": "b", "__kwarg__": True}] or first["fun_args"] == [1, "two", {"a": "b"}]
    assert first["return"]["args"] == [1, "two"]
    assert first["return"]["kwargs"]["a"] == "b"
    assert first["return"]["kwargs"]["__pub_schedule"] == "told"
    assert (first["retcode"], first["success"], first["metadata"]["x"]) == (0, True, "y")
    assert {"_TOS", "_TS", "_TT"} <= first["metadata"].keys()
    assert first["jid"] != second["jid"]
    assert answer(lab, "web1", "test.ping") is True
    kept = lab.json("runner", "jobs.lookup_jid", first["jid"])
    assert kept["web1"]["args"] == [1, "two"]

    [failed] = returns(lab, 1, "fails")
    assert failed["success"] is False
    assert failed["retcode"] != 0
    [echoed] = returns(lab, 1, "of_pillar")
    assert echoed["return"] == "of pillar"
    [told] = returns(lab, 1, "event")
    assert told["return"] == "not kept"
    assert lab.json("runner", "jobs.lookup_jid", told["jid"]) == {}
    until(lambda: len(lines(seen)) > 1, 20, "the quiet job does not run")
    every = [data for _, data in read_events(lab, "salt/job/*/ret/*", 8)]
    assert not [data for data in every if data.get("schedule") in ("quiet", "off")]


@pytest.mark.behaviour("SCH-01", "SCH-04")
def test_the_schedule_is_changed_by_its_functions_and_outlives_a_restart(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(peer={"web1": ["schedule.add"]})
    lab.start_master()
    lab.start_minion("web1", schedule={"hourly": {"function": "test.ping", "seconds": 3600, "run_on_start": False}})
    lab.start_minion("web2")
    lab.wait_for_minions(("web1", "web2"))
    seen = lab.root / "seen"
    command = json.dumps([f"echo run >> {seen}"])
    file = lab.minion_directory("web1") / "minion.d" / "_schedule.conf"
    until(lambda: answer(lab, "web1", "schedule.list", "return_yaml=False") != {}, 20, "no schedule")

    hourly = {"function": "test.ping", "seconds": 3600, "run_on_start": False, "name": "hourly", **SHOWN}
    assert answer(lab, "web1", "schedule.list", "return_yaml=False") == {"hourly": hourly}
    assert "__mine_interval" in answer(lab, "web1", "schedule.list", "return_yaml=False", "show_all=True")
    assert yaml.safe_load(answer(lab, "web1", "schedule.list")) == {"schedule": {"hourly": {**hourly, "saved": True}}}

    add = ("schedule.add", "mine", "function=cmd.run", f"job_args={command}", "seconds=1")
    assert answer(lab, "web1", *add, "test=True") == {
        "comment": "Job: mine would be added to schedule.", "result": True, "changes": {},
    }  # fmt: skip
    assert answer(lab, "web1", *add) == {
        "comment": "Added job: mine to schedule.", "result": True, "changes": {"mine": "added"},
    }  # fmt: skip
    assert answer(lab, "web1", *add) == {
        "comment": "Job mine already exists in schedule.", "result": False, "changes": {},
    }  # fmt: skip
    until(lambda: len(lines(seen)) > 1, 20, "the new job does not run")
    assert yaml.safe_load(file.read_text())["schedule"].keys() == {"hourly", "mine"}

    assert answer(lab, "web1", "schedule.disable_job", "mine") == {
        "comment": "Disabled Job mine in schedule.", "result": True, "changes": {"mine": "disabled"},
    }  # fmt: skip
    assert answer(lab, "web1", "schedule.is_enabled", "mine")["enabled"] is False
    assert answer(lab, "web1", "schedule.run_job", "mine") == {"comment": "Job mine is disabled.", "result": True}
    count = len(lines(seen))
    told = {"comment": "Scheduling Job mine on minion.", "result": True}
    assert answer(lab, "web1", "schedule.run_job", "mine", "force=True") == told
    until(lambda: len(lines(seen)) > count, 20, "the job does not run when it is asked for")

    changed = answer(lab, "web1", "schedule.modify", "hourly", "seconds=1800")
    assert changed["comment"] == "Modified job: hourly in schedule."
    assert changed["changes"]["hourly"]["old"] == hourly
    assert changed["changes"]["hourly"]["new"]["seconds"] == 1800
    bad = answer(lab, "web1", "schedule.modify", "hourly", "cron='x y'")
    assert (bad["result"], "cron expression" in bad["comment"]) == (False, True)
    nosuch = {"comment": "Job nosuch does not exist in schedule.", "result": False, "changes": {}}
    assert answer(lab, "web1", "schedule.modify", "nosuch", "seconds=5") == nosuch

    due = answer(lab, "web1", "schedule.show_next_fire_time", "hourly")
    assert due["result"] is True
    assert answer(lab, "web1", "schedule.job_status", "hourly")["_next_fire_time"] == due["next_fire_time"]
    later = ("2030-01-01T00:00:00", "2030-01-02T00:00:00")
    assert answer(lab, "web1", "schedule.postpone_job", "hourly", *later) == {
        "comment": "Postponed Job hourly in schedule.", "result": True,
    }  # fmt: skip
    assert answer(lab, "web1", "schedule.skip_job", "hourly", "then") == {
        "comment": "Date string could not be parsed.", "result": False,
    }  # fmt: skip

    assert answer(lab, "web1", "schedule.copy", "hourly", "web2") == {
        "comment": "Copied Job hourly from schedule to minion(s).", "minions": ["web2"], "result": True,
    }  # fmt: skip
    assert answer(lab, "web2", "schedule.list", "return_yaml=False")["hourly"]["seconds"] == 1800
    assert answer(lab, "web1", "schedule.copy", "hourly", "nosuch")["comment"].startswith("no servers answered")

    lab.stop("web1")
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))
    until(lambda: "mine" in answer(lab, "web1", "schedule.list", "return_yaml=False"), 20, "the jobs are forgotten")
    assert answer(lab, "web1", "schedule.is_enabled", "mine")["enabled"] is False
    assert answer(lab, "web1", "schedule.delete", "mine") == {
        "comment": "Deleted Job mine from schedule.", "result": True, "changes": {"mine": "removed"},
    }  # fmt: skip
    assert answer(lab, "web1", "schedule.disable") == {
        "comment": "Disabled schedule on minion.", "result": True, "changes": {"schedule": "disabled"},
    }  # fmt: skip
    assert answer(lab, "web1", "schedule.is_enabled") is False
    assert yaml.safe_load(file.read_text())["schedule"]["enabled"] is False
    assert answer(lab, "web1", "schedule.enable")["changes"] == {"schedule": "enabled"}
    assert answer(lab, "web1", "schedule.reload") == {"comment": ["Reloaded schedule on minion."], "result": True}
    purged = answer(lab, "web1", "schedule.purge")
    assert purged == {
        "comment": ["Deleted job: hourly from schedule."], "changes": {"hourly": "removed"}, "result": True,
    }  # fmt: skip


@pytest.mark.behaviour("SCH-03", "SCH-04")
def test_states_put_jobs_in_order_and_a_dry_run_foretells_it(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))

    def state(function: str, name: str, *words: str) -> dict[str, Any]:
        [result] = answer(lab, "web1", "state.single", f"schedule.{function}", name, *words).values()
        return {key: result[key] for key in ("result", "changes", "comment")}

    job = ("function=test.ping", "hours=1")
    added = {"changes": {"job": "added"}}
    assert state("present", "job", *job, "test=True") == {
        "result": None, **added, "comment": "Job: job would be added to schedule.",
    }  # fmt: skip
    assert state("present", "job", *job) == {"result": True, **added, "comment": "Adding new job job to schedule"}
    assert state("present", "job", *job) == {"result": True, "changes": {}, "comment": "Job job in correct state"}
    foretold = state("present", "job", "function=test.ping", "hours=2", "test=True")
    done = state("present", "job", "function=test.ping", "hours=2")
    assert foretold["changes"] == done["changes"] != {}
    assert done["comment"] == "Modifying job job in schedule"
    wrong = state("present", "bad", *job, "cron='* * * * *'")
    conflict = 'Error: Unable to use "seconds", "minutes", "hours", or "days" with "when" or "cron" options.'
    assert wrong == {"result": False, "changes": {}, "comment": conflict}
    off = {"changes": {"job": "disabled"}}
    told = "Job: job would be disabled in schedule."
    assert state("disabled", "job", "test=True") == {"result": None, **off, "comment": told}
    assert state("disabled", "job") == {"result": True, **off, "comment": "Disabled job job from schedule"}
    assert state("disabled", "job")["changes"] == {}
    assert state("enabled", "job")["changes"] == {"job": "enabled"}
    gone = {"changes": {"job": "removed"}}
    assert state("absent", "job", "test=True") == {
        "result": None, **gone, "comment": "Job: job would be deleted from schedule.",
    }  # fmt: skip
    assert state("absent", "job") == {"result": True, **gone, "comment": "Removed job job from schedule"}
    assert state("absent", "job") == {"result": True, "changes": {}, "comment": "Job job not present in schedule"}


@pytest.mark.behaviour("LOC-02", "SCH-03")
def test_a_minion_without_a_master_runs_its_jobs(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    seen = lab.root / "seen"
    job = {"function": "cmd.run", "args": [f"echo run >> {seen}"], "seconds": 1}
    lab.start_minion("alone", file_client="local", master_type="disable", schedule={"job": job})
    until(lambda: len(lines(seen)) > 1, 40, lambda: lab.log("alone"))
    place = lab.minion_directory("alone")
    assert not list((place / "r").rglob("outbox/*")), "returns that nobody fetches pile up"


@pytest.mark.behaviour("SCH-01", "SCH-03")
def test_a_master_calls_the_runners_of_its_schedule(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(
        schedule={
            "told": {"function": "test.arg", "args": [1], "kwargs": {"a": "b"}, "seconds": 1},
            "quiet": {"function": "manage.present", "seconds": 1, "return_job": False},
            "keys": {"function": "wheel.key.list_all", "seconds": 3600},
            "wrong": {"function": "nosuch.function", "seconds": 3600},
        }
    )
    lab.start_master()
    (_, first), (_, second) = [
        (tag, data) for tag, data in read_events(lab, "salt/run/*/ret", 8) if data["fun"] == "runner.test.arg"
    ][:2]
    assert first["return"]["args"] == [1]
    assert first["return"]["kwargs"]["a"] == "b"
    assert first["jid"] != second["jid"]
    [(_, keys)] = read_events(lab, "salt/wheel/*/ret", 1)
    assert keys["fun"] == "wheel.key.list_all"
    until(lambda: first["jid"] in lab.json("runner", "jobs.list_jobs"), 10, "the call is not kept")
    kept = {job["Function"] for job in lab.json("runner", "jobs.list_jobs").values()}
    assert "runner.manage.present" not in kept
    assert "the scheduled job wrong (nosuch.function) cannot run" in lab.log("master")

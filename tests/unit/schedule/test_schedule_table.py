"""The jobs of a schedule, and which of them run at a moment."""
# ruff: noqa: DTZ001, DTZ006  (local times, as in a schedule)

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from saltern.errors import ArgumentError, NotFound
from saltern.schedule.table import OPTS, PILLAR, Schedule

START = datetime(2026, 11, 27, 12, 0, 0)
JOB = {"function": "test.ping", "seconds": 60}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> float:
        return self.moment.timestamp()

    def go(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedule(clock: Clock) -> Schedule:
    return Schedule(lambda _: None, clock)


def run(schedule: Schedule) -> list[str]:
    return [due.item.name for due in schedule.due()]


@pytest.mark.behaviour("SCH-01")
def test_jobs_of_the_configuration_win_over_those_of_pillar(schedule: Schedule) -> None:
    schedule.take(PILLAR, {"a": JOB, "b": {**JOB, "seconds": 5}})
    schedule.take(OPTS, {"b": JOB, "c": JOB})
    assert {name: item.data["seconds"] for name, item in schedule.items().items()} == {"a": 60, "b": 60, "c": 60}
    assert (schedule.shown(PILLAR).keys(), schedule.shown(OPTS).keys()) == ({"a", "b"}, {"b", "c"})
    assert sorted(run(schedule)) == ["a", "b", "c"]


def test_a_job_is_shown_with_what_it_was_not_told(schedule: Schedule) -> None:
    schedule.take(OPTS, {"a": JOB, "enabled": True})
    assert schedule.shown() == {
        "a": {**JOB, "name": "a", "enabled": True, "jid_include": True, "maxrunning": 1},
        "enabled": True,
    }


@pytest.mark.behaviour("SCH-03")
def test_a_job_runs_when_it_is_due_and_not_before(schedule: Schedule, clock: Clock) -> None:
    schedule.take(OPTS, {"a": JOB})
    assert [run(schedule), run(schedule)] == [["a"], []]
    clock.go(59)
    assert run(schedule) == []
    clock.go(1)
    assert run(schedule) == ["a"]
    clock.go(600)
    assert [run(schedule), run(schedule)] == [["a"], []]


def test_jobs_that_stay_as_they_are_go_on_when_the_schedule_is_given_again(schedule: Schedule, clock: Clock) -> None:
    schedule.take(PILLAR, {"a": JOB, "b": JOB})
    run(schedule)
    clock.go(1)
    schedule.take(PILLAR, {"a": JOB, "b": {**JOB, "seconds": 30}, "c": JOB})
    assert run(schedule) == ["b", "c"]
    schedule.take(PILLAR, {})
    clock.go(100)
    assert run(schedule) == []


@pytest.mark.behaviour("SCH-03")
def test_what_is_turned_off_does_not_run_and_does_not_catch_up(schedule: Schedule, clock: Clock) -> None:
    schedule.take(OPTS, {"a": JOB, "b": {**JOB, "enabled": False}})
    assert run(schedule) == ["a"]
    schedule.enable(enabled=False)
    clock.go(90)
    assert run(schedule) == []
    schedule.enable(enabled=True)
    schedule.enable(enabled=True, name="b")
    assert run(schedule) == []
    clock.go(60)
    assert sorted(run(schedule)) == ["a", "b"]


def test_a_job_can_be_asked_for(schedule: Schedule) -> None:
    schedule.take(OPTS, {"a": {"function": "test.ping"}, "off": {"function": "test.ping", "enabled": False}})
    assert (run(schedule), schedule.next_due()) == ([], None)
    schedule.ask_for("a", forced=False)
    schedule.ask_for("off", forced=False)
    assert schedule.next_due() is not None
    assert [run(schedule), run(schedule)] == [["a"], []]
    schedule.ask_for("off", forced=True)
    assert [run(schedule), run(schedule)] == [["off"], []]
    with pytest.raises(NotFound):
        schedule.ask_for("nosuch", forced=True)


@pytest.mark.behaviour("SCH-02")
def test_one_time_is_skipped_or_put_off(schedule: Schedule, clock: Clock) -> None:
    schedule.take(OPTS, {"a": JOB})
    run(schedule)
    schedule.skip("a", "2026-11-27T12:01:00")
    clock.go(60)
    assert run(schedule) == []
    assert schedule.get("a").status()["_skip_reason"] == "skip_explicit"
    schedule.postpone("a", "2026-11-27T12:02:00", "2026-11-27T12:02:30")
    clock.go(60)
    assert run(schedule) == []
    clock.go(30)
    assert [run(schedule), run(schedule)] == [["a"], []]
    clock.go(30)
    assert run(schedule) == ["a"]
    with pytest.raises(ArgumentError):
        schedule.postpone("a", "2026-11-27T12:02:00", "later")


@pytest.mark.behaviour("SCH-02")
def test_what_a_stretch_shuts_out_may_run_after_it_or_be_replaced(schedule: Schedule, clock: Clock) -> None:
    shut = {"skip_during_range": {"start": "11:00", "end": "12:30"}}
    schedule.take(
        OPTS,
        {
            "later": {**JOB, **shut, "seconds": 3600, "run_after_skip_range": True},
            "never": {**JOB, **shut, "seconds": 3600},
            "other": {**JOB, **shut, "seconds": 3600, "skip_function": "test.true"},
        },
    )
    assert [(due.item.name, due.function) for due in schedule.due()] == [("other", "test.true")]
    clock.go(1801)
    assert run(schedule) == ["later"]
    assert run(schedule) == []


@pytest.mark.behaviour("SCH-02")
def test_splay_spreads_the_times(schedule: Schedule, clock: Clock) -> None:
    job = {**JOB, "splay": {"start": 10, "end": 15}}
    schedule.take(OPTS, {"a": job, "b": {**JOB, "splay": 20}, "bad": {**JOB, "splay": {"start": 5}}})
    waits = {name: (item.due or 0) - clock() for name, item in schedule.items().items()}
    assert 10 <= waits["a"] <= 15
    assert 0 <= waits["b"] <= 20
    assert "splay" in schedule.get("bad").fault


def test_a_job_that_cannot_be_is_kept_out_or_never_runs(schedule: Schedule) -> None:
    schedule.take(OPTS, {"bad": {"function": "test.ping", "cron": "x"}, "empty": {"seconds": 5}})
    assert run(schedule) == []
    assert "cron expression" in schedule.get("bad").status()["_error"]
    with pytest.raises(ArgumentError, match="cron expression"):
        schedule.put("worse", {"function": "test.ping", "cron": "x"})
    assert "worse" not in schedule.items()


def test_a_job_of_pillar_cannot_be_taken_out(schedule: Schedule) -> None:
    schedule.take(PILLAR, {"a": JOB})
    with pytest.raises(ArgumentError, match="in the pillar"):
        schedule.remove("a")
    with pytest.raises(NotFound):
        schedule.remove("b")
    schedule.put("a", {**JOB, "seconds": 5})
    assert schedule.shown(PILLAR)["a"]["seconds"] == 5
    assert schedule.shown(OPTS) == {}


def test_what_is_kept_is_that_of_the_configuration_alone(schedule: Schedule) -> None:
    schedule.take(PILLAR, {"p": JOB})
    schedule.take(OPTS, {"__house": JOB, "a": JOB})
    schedule.put("b", JOB)
    schedule.enable(enabled=False)
    assert schedule.to_keep().keys() == {"a", "b", "enabled"}


@pytest.mark.behaviour("SCH-04")
def test_the_status_tells_the_last_and_the_next_run(schedule: Schedule, clock: Clock) -> None:
    schedule.take(OPTS, {"a": JOB})
    run(schedule)
    schedule.get("a").last = clock()
    assert schedule.get("a").status() == {
        **JOB, "name": "a", "enabled": True, "jid_include": True, "maxrunning": 1, "splay": None, "_splay": None,
        "_run_on_start": False, "_seconds": 60, "run": True, "_last_run": "2026-11-27T12:00:00",
        "_next_fire_time": "2026-11-27T12:01:00",
    }  # fmt: skip
    assert schedule.get("a").status("%H")["_next_fire_time"] == "12"


def test_a_clock_that_is_set_moves_times_of_day_alone(schedule: Schedule, clock: Clock) -> None:
    schedule.take(OPTS, {"a": JOB, "b": {"function": "test.ping", "when": "5:00pm"}})
    run(schedule)
    clock.go(-86400)
    schedule.moved(-86400)
    dues = {name: datetime.fromtimestamp(item.due or 0) for name, item in schedule.items().items()}
    assert dues == {"a": datetime(2026, 11, 26, 12, 1), "b": datetime(2026, 11, 26, 17)}

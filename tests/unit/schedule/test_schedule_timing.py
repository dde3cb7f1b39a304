"""When jobs are due. All times are local, as their authors write them."""
# ruff: noqa: DTZ001, DTZ006  (local times, as in a schedule)

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from saltern.errors import ArgumentError
from saltern.schedule.timing import Times, timing_of
from saltern.schedule.windows import windows_of

FRIDAY = datetime(2026, 11, 27, 12, 0, 0)


def at(moment: datetime = FRIDAY) -> float:
    return moment.timestamp()


def nothing_named(word: str) -> Any:
    del word


def dues(data: dict[str, Any], count: int = 3, now: datetime = FRIDAY) -> list[str]:
    """The first moments at which a job is due."""
    timing = timing_of(data, nothing_named)
    found: list[str] = []
    due = timing.first(at(now))
    while due is not None and len(found) < count:
        found.append(datetime.fromtimestamp(due).isoformat(" "))
        due = timing.following(due, due)
    return found


@pytest.mark.behaviour("SCH-02")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"seconds": 30}, ["2026-11-27 12:00:00", "2026-11-27 12:00:30", "2026-11-27 12:01:00"]),
        ({"seconds": 30, "run_on_start": False}, ["2026-11-27 12:00:30", "2026-11-27 12:01:00", "2026-11-27 12:01:30"]),
        (
            {"days": 1, "hours": 2, "minutes": 3, "seconds": 4},
            ["2026-11-27 12:00:00", "2026-11-28 14:03:04", "2026-11-29 16:06:08"],
        ),
        ({"when": "5:00pm"}, ["2026-11-27 17:00:00", "2026-11-28 17:00:00", "2026-11-29 17:00:00"]),
        ({"when": "11:00am"}, ["2026-11-28 11:00:00", "2026-11-29 11:00:00", "2026-11-30 11:00:00"]),
        ({"when": "Monday 5:00pm"}, ["2026-11-30 17:00:00", "2026-12-07 17:00:00", "2026-12-14 17:00:00"]),
        ({"when": "Friday 11:00am"}, ["2026-12-04 11:00:00", "2026-12-11 11:00:00", "2026-12-18 11:00:00"]),
        (
            {"when": ["Tuesday 8:00", "5:00pm", "Saturday 9:30"]},
            ["2026-11-27 17:00:00", "2026-11-28 09:30:00", "2026-11-28 17:00:00"],
        ),
        ({"when": "Dec 24, 2026 12:00pm"}, ["2026-12-24 12:00:00"]),
        ({"when": "Dec 24, 2020 12:00pm"}, []),
        ({"when": 17 * 60}, ["2026-11-27 17:00:00", "2026-11-28 17:00:00", "2026-11-29 17:00:00"]),
        (
            {"when": "5:00pm", "run_on_start": True},
            ["2026-11-27 12:00:00", "2026-11-27 17:00:00", "2026-11-28 17:00:00"],
        ),
        ({"cron": "*/20 * * * *"}, ["2026-11-27 12:20:00", "2026-11-27 12:40:00", "2026-11-27 13:00:00"]),
        ({"cron": "0 4 * * 6"}, ["2026-11-28 04:00:00", "2026-12-05 04:00:00", "2026-12-12 04:00:00"]),
        ({"cron": "@daily"}, ["2026-11-28 00:00:00", "2026-11-29 00:00:00", "2026-11-30 00:00:00"]),
        ({"once": "2026-12-24T12:00:00"}, ["2026-12-24 12:00:00"]),
        ({"once": "2020-12-24T12:00:00"}, []),
        ({"once": "24.12.2026 18:30", "once_fmt": "%d.%m.%Y %H:%M"}, ["2026-12-24 18:30:00"]),
        ({"once": datetime(2026, 12, 24, 12)}, ["2026-12-24 12:00:00"]),
        ({}, []),
    ],
    ids=str,
)
def test_a_job_is_due(data: dict[str, Any], expected: list[str]) -> None:
    assert dues(data) == expected


def test_what_was_missed_is_not_made_up_for() -> None:
    timing = timing_of({"seconds": 60}, nothing_named)
    assert timing.following(at(), at() + 600) == at() + 660


@pytest.mark.behaviour("SCH-02")
def test_a_name_stands_for_a_time() -> None:
    times = Times(["tea time"], {"tea time": "1:40pm"}.get)
    assert times.first(at()) == at(datetime(2026, 11, 27, 13, 40))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"seconds": 1, "cron": "* * * * *"}, "exclude each other"),
        ({"when": "5:00pm", "cron": "* * * * *"}, "when and cron exclude each other"),
        ({"seconds": "often"}, "'often' is no number"),
        ({"minutes": 0}, "0 is not above zero"),
        ({"cron": "x y"}, "'x y' is no cron expression"),
        ({"cron": 5}, "5 is no cron expression"),
        ({"when": "nonsense"}, "'nonsense' is no time"),
        ({"when": ["5:00pm", ""]}, "'' is no time"),
        ({"once": "tomorrow"}, "no time in the format %Y-%m-%dT%H:%M:%S"),
    ],
    ids=str,
)
def test_a_timing_that_cannot_be_is_an_error(data: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told.replace("%", "[%]")):
        timing_of(data, nothing_named)


@pytest.mark.behaviour("SCH-02")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, ""),
        ({"range": {"start": "11:00", "end": "1:00pm"}}, ""),
        ({"range": {"start": "8:00", "end": "9:00"}}, "not_in_range"),
        ({"range": {"start": "8:00", "end": "9:00", "invert": True}}, ""),
        ({"range": {"start": "11:00", "end": "13:00", "invert": True}}, "not_in_range"),
        ({"range": {"start": "22:00", "end": "13:00"}}, ""),
        ({"range": {"start": "22:00", "end": "6:00"}}, "not_in_range"),
        ({"range": {"start": "11/27/2026 6:00", "end": "11/28/2026 6:00"}}, ""),
        ({"skip_during_range": {"start": "11:00", "end": "13:00"}}, "in_skip_range"),
        ({"skip_during_range": {"start": "13:00", "end": "14:00"}}, ""),
        ({"after": "12/31/2026 11:59pm"}, "after_not_passed"),
        ({"after": "1/1/2026"}, ""),
        ({"until": "1/1/2026"}, "until_passed"),
        ({"until": "12/31/2026 11:59pm"}, ""),
    ],
    ids=str,
)
def test_windows_let_a_job_run_or_say_why_not(data: dict[str, Any], why: str) -> None:
    assert windows_of(data, {}).why_not(FRIDAY) == why


def test_what_all_jobs_skip_counts_unless_a_job_says_otherwise() -> None:
    noon = {"skip_during_range": {"start": "11:00", "end": "13:00"}}
    assert windows_of({}, noon).why_not(FRIDAY) == "in_skip_range"
    assert windows_of({"skip_during_range": {"start": "1:00", "end": "2:00"}}, noon).why_not(FRIDAY) == ""


@pytest.mark.parametrize(
    "data", [{"range": "noon"}, {"range": {"start": "8:00"}}, {"until": "x"}, {"after": {}}], ids=str
)
def test_windows_that_cannot_be_read_are_errors(data: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        windows_of(data, {})

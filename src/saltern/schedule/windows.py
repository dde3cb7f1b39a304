"""The times within which a job may run: `range`, `skip_during_range`, `after`, `until`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from saltern.errors import ArgumentError
from saltern.schedule.moments import is_time_of_day, moment_of

Stretch = Mapping[str, Any]
"""`start` and `end`, and `invert`: all but what lies between."""


class Windows(NamedTuple):
    """What a job's options say; None: nothing."""

    range: Stretch | None = None
    skip: Stretch | None = None
    after: Any = None
    until: Any = None

    def why_not(self, now: datetime) -> str:
        """Why a job that is due does not run now, in Salt's word for the reason; empty when it does."""
        if self.until is not None and moment_of(self.until, now.date()) <= now:
            return "until_passed"
        if self.after is not None and moment_of(self.after, now.date()) >= now:
            return "after_not_passed"
        if self.range is not None and _within(self.range, now) is bool(self.range.get("invert")):
            return "not_in_range"
        if self.skip is not None and _within(self.skip, now):
            return "in_skip_range"
        return ""


def windows_of(data: Mapping[str, Any], schedule: Mapping[str, Any]) -> Windows:
    """The windows of a job; `schedule` has what counts for all. `ArgumentError` for what cannot be read."""
    windows = Windows(
        _stretch("range", data.get("range")),
        _stretch("skip_during_range", data.get("skip_during_range", schedule.get("skip_during_range"))),
        data.get("after"),
        data.get("until"),
    )
    windows.why_not(datetime.now())  # noqa: DTZ005  (reads each of them)
    return windows


def _stretch(option: str, value: Any) -> Stretch | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"start", "end"} <= value.keys():
        raise ArgumentError(f"{option}: a start and an end are needed, not {value!r}")
    for edge in ("start", "end"):
        moment_of(value[edge], datetime.now().date())  # noqa: DTZ005
    return value


def _within(stretch: Stretch, now: datetime) -> bool:
    today = now.date()
    start, end = moment_of(stretch["start"], today), moment_of(stretch["end"], today)
    if end < start and is_time_of_day(stretch["start"], today) and is_time_of_day(stretch["end"], today):
        return now >= start or now <= end  # over midnight
    return start <= now <= end

"""Moments as a schedule writes them: `5:00pm`, `Monday 5:00pm`, `2026-12-24T12:00:00`, or what YAML made of them.

All moments are local time without a zone, as their authors write them. The parser for free text is imported when there
is one to read.
"""

from __future__ import annotations

import functools
from datetime import date, datetime, time, timedelta
from typing import Any

from saltern.errors import ArgumentError

FORMAT = "%Y-%m-%dT%H:%M:%S"
"""How moments are written where nobody says how."""
_DAY = timedelta(days=1)


def moment_of(value: Any, today: date) -> datetime:
    """A moment; a time of day or a weekday counts from `today` on. `ArgumentError` for what is none."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int) and not isinstance(value, bool):
        return _of_number(value, today)
    if not isinstance(value, str) or not value.strip():
        raise ArgumentError(f"{value!r} is no time", hint="Write one like 5:00pm or 2026-12-24T12:00:00.")
    return _parsed(value, today)


def is_time_of_day(value: Any, today: date) -> bool:
    """Whether it moves with the day that it is read on."""
    return moment_of(value, today + _DAY) - moment_of(value, today) == _DAY


def next_of(value: Any, now: datetime) -> datetime | None:
    """The first such moment after `now`: today, or on a later day of those that it can mean; None when it is past."""
    for day in (now.date(), now.date() + _DAY):
        found = moment_of(value, day)
        if found > now:
            return found
    return None


def in_format(value: Any, form: str) -> datetime:
    """A moment written in a format of `strptime`."""
    if isinstance(value, date):
        return moment_of(value, date.today())  # noqa: DTZ011  (local time, as all of a schedule)
    try:
        return datetime.strptime(str(value), form)  # noqa: DTZ007
    except ValueError as error:
        raise ArgumentError(f"{value!r} is no time in the format {form}") from error


def _of_number(value: int, today: date) -> datetime:
    """YAML 1.1 reads `8:00` as a number to the base 60."""
    if not 0 <= value < 24 * 3600:
        raise ArgumentError(f"{value!r} is no time of day", hint="Write times in quotes.")
    minutes = value if value < 24 * 60 else value // 60
    seconds = 0 if value < 24 * 60 else value % 60
    return datetime.combine(today, time(minutes // 60, minutes % 60, seconds))


@functools.lru_cache(maxsize=256)
def _parsed(text: str, today: date) -> datetime:
    from dateutil import parser

    try:
        found = parser.parse(text, default=datetime.combine(today, time()))
    except (ValueError, OverflowError) as error:
        raise ArgumentError(
            f"{text!r} is no time: {error}", hint="Write one like 5:00pm or 2026-12-24T12:00:00."
        ) from error
    return found.replace(tzinfo=None)

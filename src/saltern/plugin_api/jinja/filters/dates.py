"""Dates in words and numbers, written in any form."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

_RELATIVE = re.compile(r"(?:([+-]?\d+|next|last)\s*)(second|sec|minute|min|hour|day|week|month|year)s?(\s+ago)?")
_DAY_FIRST = re.compile(r"\d{1,2}[.-]\d{1,2}[.-]\d{4}")


def strftime(date: Any = None, fmt: str = "%Y-%m-%d") -> str:
    """A date (seconds since 1970, a text, or None for now) in the form that `fmt` describes."""
    return date_of(date).strftime(fmt)


def date_of(value: Any) -> datetime:
    """The local time that a value means; ValueError when it means none."""
    if value is None:
        return datetime.now()  # noqa: DTZ005  (local time is what is shown)
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            return _of_text(value.strip())
        return datetime.fromtimestamp(float(value))  # noqa: DTZ006
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"Unable to parse {value}") from error


def _of_text(text: str) -> datetime:
    relative = _of_words(text.lower())
    if relative is not None:
        return relative
    if text.startswith("@") or (text.isdecimal() and len(text) not in (4, 8)):
        return datetime.fromtimestamp(float(text.lstrip("@")))  # noqa: DTZ006
    if re.fullmatch(r"([01]\d|2[0-4])[0-5]\d", text):
        return _today() + timedelta(hours=int(text[:2]), minutes=int(text[2:]))
    try:
        return _of_date(text)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(float(text))  # noqa: DTZ006


def _today() -> datetime:
    return datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: DTZ005


def _of_words(text: str) -> datetime | None:
    """Now, today, tomorrow, next month, 2 days ago, ...; None for any other text."""
    if text == "now":
        return datetime.now().replace(microsecond=0)  # noqa: DTZ005
    days = {"today": 0, "midnight": 0, "tomorrow": 1, "yesterday": -1}.get(text)
    if days is not None:
        return _today() + timedelta(days=days)
    if text == "noon":
        return _today() + timedelta(hours=12)
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    from dateutil.relativedelta import relativedelta

    amount = {"next": 1, "last": -1}.get(found[1]) or int(found[1])
    unit = {"sec": "second", "min": "minute"}.get(found[2], found[2]) + "s"
    now = datetime.now().replace(microsecond=0)  # noqa: DTZ005
    return now + relativedelta(**{unit: -amount if found[3] else amount})  # type: ignore[arg-type]


def _of_date(text: str) -> datetime:
    from dateutil import parser

    if re.fullmatch(r"\d{4}-?W\d{2}.*", text):
        return parser.isoparse(text)
    day_first = _DAY_FIRST.match(text) is not None
    today = _today()
    found = parser.parse(text, default=today, dayfirst=day_first, ignoretz=True)
    if (
        found.day == today.day
        and parser.parse(text, default=today.replace(day=1), dayfirst=day_first, ignoretz=True).day == 1
    ):
        # The text does not name a day: it is a time of today, or the first of a month.
        return found if ":" in text or re.search(r"\d\s*[ap]m", text.lower()) else found.replace(day=1)
    return found.replace(microsecond=0)


FILTERS = {"strftime": strftime, "date_format": strftime}

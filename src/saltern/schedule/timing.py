"""When a job is due: every so often, at named times, by a cron expression, or once.

Moments are seconds since 1970 here; what is written as a time of day means local time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from saltern.errors import ArgumentError
from saltern.schedule.moments import FORMAT, in_format, next_of

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
Named = Callable[[str], Any]
"""What a name of `whens` means; None for a word that is no such name."""


class Timing(Protocol):
    """One way to be due again and again."""

    def first(self, now: float) -> float | None:
        """When the job is due for the first time; None: never."""

    def following(self, due: float, now: float) -> float | None:
        """When it is due again, after it was due at `due` and has been seen to `now`."""


class Interval(NamedTuple):
    """Every `seconds`; `at_start`: at once as well."""

    seconds: float
    at_start: bool

    def first(self, now: float) -> float | None:
        return now if self.at_start else now + self.seconds

    def following(self, due: float, now: float) -> float | None:
        """From when it was due, so that nothing adds up; what was missed is not made up for."""
        return due + self.seconds if due + self.seconds > now else now + self.seconds


class Times(NamedTuple):
    """At each of these times; `named` knows the names that stand for times."""

    values: Sequence[Any]
    named: Named
    at_start: bool = False

    def first(self, now: float) -> float | None:
        return now if self.at_start else self.following(now, now)

    def following(self, due: float, now: float) -> float | None:
        local = datetime.fromtimestamp(max(due, now))  # noqa: DTZ006
        moments = [next_of(self._meant(value), local) for value in self.values]
        return min((moment.timestamp() for moment in moments if moment is not None), default=None)

    def _meant(self, value: Any) -> Any:
        named = self.named(value) if isinstance(value, str) else None
        return value if named is None else named


class Cron(NamedTuple):
    """By a cron expression."""

    expression: str
    at_start: bool = False

    def first(self, now: float) -> float | None:
        return now if self.at_start else self.following(now, now)

    def following(self, due: float, now: float) -> float | None:
        from croniter import croniter

        after = datetime.fromtimestamp(max(due, now))  # noqa: DTZ006
        found: datetime = croniter(self.expression, after).get_next(datetime)
        return found.timestamp()


class Once(NamedTuple):
    """At one moment, and never when that is past."""

    moment: float

    def first(self, now: float) -> float | None:
        return self.moment if self.moment >= now - 1 else None

    def following(self, due: float, now: float) -> float | None:
        del due, now
        return None


class Never(NamedTuple):
    """Only when somebody asks for it."""

    def first(self, now: float) -> float | None:
        del now
        return None

    def following(self, due: float, now: float) -> float | None:
        del due, now
        return None


def timing_of(data: Mapping[str, Any], named: Named) -> Timing:
    """The timing that a job's options tell; `ArgumentError` for what cannot be."""
    units = [unit for unit in UNITS if unit in data]
    ways = [*(["seconds, minutes, hours or days"] if units else []), *(one for one in ("when", "cron") if one in data)]
    if len(ways) > 1:
        raise ArgumentError(f"{' and '.join(ways)} exclude each other")
    if units:
        return Interval(sum(_number(unit, data[unit]) * UNITS[unit] for unit in units), _starts(data, otherwise=True))
    if "when" in data:
        return _checked(Times(_list(data["when"]), named, _starts(data, otherwise=False)))
    if "cron" in data:
        return Cron(_cron(data["cron"]), _starts(data, otherwise=False))
    if "once" in data:
        return Once(in_format(data["once"], str(data.get("once_fmt", FORMAT))).timestamp())
    return Never()


def _starts(data: Mapping[str, Any], *, otherwise: bool) -> bool:
    return bool(data.get("run_on_start", otherwise))


def _number(unit: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{unit}: {value!r} is no number") from error
    if number <= 0:
        raise ArgumentError(f"{unit}: {value!r} is not above zero")
    return number


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _checked(times: Times) -> Times:
    times.following(0, 0)  # reads each of them
    return times


def _cron(expression: Any) -> str:
    from croniter import croniter

    if not isinstance(expression, str) or not croniter.is_valid(expression):
        raise ArgumentError(f"cron: {expression!r} is no cron expression", hint="It has five fields: */15 * * * *")
    return expression

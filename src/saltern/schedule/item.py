"""One job of a schedule: what its author wrote, and where it stands."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from saltern.errors import ArgumentError
from saltern.schedule.moments import FORMAT, in_format
from saltern.schedule.timing import Interval, Named, Never, Timing, timing_of
from saltern.schedule.windows import Windows, windows_of

_DEFAULTS: Mapping[str, Any] = {"jid_include": True, "maxrunning": 1, "enabled": True}


class Item:
    """`data` is the job as Salt shows it. `fault` says why it never runs; it is empty for a job that can."""

    def __init__(self, name: str, data: Mapping[str, Any], whole: Mapping[str, Any], named: Named, now: float) -> None:
        self.name = name
        self.data: dict[str, Any] = {**data, "name": name}
        for option, default in _DEFAULTS.items():
            self.data.setdefault(option, default)
        self.fault = ""
        self.timing: Timing = Never()
        self.windows = Windows()
        self._splay = (0.0, 0.0)
        self.last: float | None = None
        self.skipped: float | None = None
        self.why_skipped = ""
        self.asked = False
        """Somebody wants it to run now, `forced` even if it is disabled."""
        self.forced = False
        self._read(whole, named)
        self.due = self._splayed(self.timing.first(now))

    @property
    def is_hidden(self) -> bool:
        return self.name.startswith("__")

    @property
    def enabled(self) -> bool:
        return bool(self.data["enabled"]) and not self.fault

    def _read(self, whole: Mapping[str, Any], named: Named) -> None:
        try:
            if not isinstance(self.data.get("function"), str):
                raise ArgumentError("it names no function", hint="Give it one: function: test.ping")
            self._splay = _splay_bounds(self.data.get("splay"))
            self.windows = windows_of(self.data, whole)
            self.timing = timing_of(self.data, named)
        except ArgumentError as error:
            self.fault = f"{error.message}. {error.hint}" if error.hint else error.message

    # --- what is due ------------------------------------------------------------------------------------------------

    def go_on(self, now: float) -> None:
        """It was due and seen to: find out when it is due next."""
        self.due = self._splayed(self.timing.following(self.due or now, now))

    def move(self, seconds: float, now: float) -> None:
        """The clock was set. What comes every so often is due as before; what has a time of day, at that time."""
        if isinstance(self.timing, Interval):
            self.due = None if self.due is None else self.due + seconds
        else:
            self.due = self._splayed(self.timing.following(now, now)) or self.due

    def _splayed(self, due: float | None) -> float | None:
        low, high = self._splay
        if due is None or high <= 0:
            return due
        return due + random.uniform(low, high)  # noqa: S311  (no secret: it spreads a crowd)

    # --- one time in particular -------------------------------------------------------------------------------------

    def takes_explicit(self, now: float) -> bool:
        """Whether it was postponed to now; each such time counts once."""
        return self._taken("run_explicit", lambda moment: moment <= now)

    def skips_explicit(self, due: float) -> bool:
        """Whether this time is one of those to skip; each counts once."""
        return self._taken("skip_explicit", lambda moment: int(moment) == int(due))

    def next_explicit(self) -> float | None:
        return min((_at(one) for one in self.data.get("run_explicit", ())), default=None)

    def _taken(self, option: str, holds: Any) -> bool:
        entries = self.data.get(option, [])
        left = [one for one in entries if not holds(_at(one))]
        if len(left) == len(entries):
            return False
        self.data[option] = left
        return True

    # --- as it is shown ---------------------------------------------------------------------------------------------

    def status(self, time_format: str = FORMAT) -> dict[str, Any]:
        """The job and where it stands, by Salt's names."""
        splay = self.data.get("splay")
        told: dict[str, Any] = {
            **self.data, "_next_fire_time": _shown(self.due, time_format), "_splay": None, "_run_on_start": False,
            "splay": splay,
        }  # fmt: skip
        if isinstance(self.timing, Interval):
            told["_seconds"] = int(self.timing.seconds)
        if self.last is not None:
            told |= {"run": True, "_last_run": _shown(self.last, time_format)}
        if self.why_skipped:
            skipped = _shown(self.skipped, time_format)
            told |= {"_skip_reason": self.why_skipped, "_skipped_time": skipped, "_skipped": True}
        if self.fault:
            told["_error"] = self.fault
        return told


def _splay_bounds(splay: Any) -> tuple[float, float]:
    if splay is None or isinstance(splay, bool):
        return 0.0, 0.0
    try:
        if isinstance(splay, Mapping):
            low, high = float(splay["start"]), float(splay["end"])
        else:
            low, high = 0.0, float(splay)
    except (KeyError, TypeError, ValueError) as error:
        raise ArgumentError(f"splay: seconds are needed, or a start and an end, not {splay!r}") from error
    if not 0 <= low <= high:
        raise ArgumentError(f"splay: the end has to be above the start, and neither below zero: {splay!r}")
    return low, high


def _at(entry: Mapping[str, Any]) -> float:
    return in_format(entry["time"], entry.get("time_fmt", FORMAT)).timestamp()


def _shown(moment: float | None, time_format: str) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment).strftime(time_format)  # noqa: DTZ006

"""All jobs of one schedule, from the configuration and from pillar, and which of them are due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from saltern.errors import ArgumentError, NotFound
from saltern.schedule.item import Item
from saltern.schedule.moments import FORMAT, in_format
from saltern.schedule.timing import Named

log = logging.getLogger(__name__)

OPTS, PILLAR = "opts", "pillar"
_SKIP, _AFTER_SKIP = "skip_during_range", "run_after_skip_range"


class Due(NamedTuple):
    """A job to run now; `function` is its own, or the one in its place while it is skipped."""

    item: Item
    function: str


class Schedule:
    """`named` knows what stands for a time (`whens`), `now` gives seconds since 1970.

    The keys of a schedule are its jobs, and options for all of them. A job of the configuration wins over one of the
    same name in pillar.
    """

    def __init__(self, named: Named, now: Callable[[], float]) -> None:
        self._named = named
        self._now = now
        self._whole: dict[str, dict[str, Any]] = {OPTS: {}, PILLAR: {}}
        self._jobs: dict[str, dict[str, Item]] = {OPTS: {}, PILLAR: {}}
        self._waiting: set[str] = set()

    # --- where it comes from ----------------------------------------------------------------------------------------

    def take(self, where: str, schedule: Mapping[str, Any]) -> None:
        """Have these jobs from one place. Those that are as they were go on, the others begin anew."""
        jobs = {str(name): job for name, job in schedule.items() if isinstance(job, Mapping)}
        self._whole[where] = {str(name): value for name, value in schedule.items() if not isinstance(value, Mapping)}
        if _SKIP in jobs:  # the one option for all that is a mapping
            self._whole[where][_SKIP] = jobs.pop(_SKIP)
        hidden = {name: item for name, item in self._jobs[where].items() if item.is_hidden and name not in jobs}
        self._jobs[where] = hidden | {name: self._kept(where, name, job) for name, job in jobs.items()}

    def forget(self, where: str, names: Iterable[str]) -> None:
        """Know some jobs no more, so that they begin anew when they are taken again."""
        for name in names:
            self._jobs[where].pop(name, None)

    def _kept(self, where: str, name: str, job: Mapping[str, Any]) -> Item:
        before = self._jobs[where].get(name)
        made = self.made(name, job)
        if before is not None and before.data == made.data:
            return before
        if made.fault:
            log.error("the scheduled job %s cannot run: %s", name, made.fault)
        return made

    def made(self, name: str, job: Mapping[str, Any]) -> Item:
        """A job that is not in the schedule (yet)."""
        return Item(name, job, self._options(), self._named, self._now())

    def _options(self) -> dict[str, Any]:
        return {**self._whole[PILLAR], **self._whole[OPTS]}

    @property
    def enabled(self) -> bool:
        return bool(self._options().get("enabled", True))

    # --- what is known ----------------------------------------------------------------------------------------------

    def items(self) -> dict[str, Item]:
        return {**self._jobs[PILLAR], **self._jobs[OPTS]}

    def get(self, name: str) -> Item:
        """`NotFound` when there is no such job."""
        item = self.items().get(name)
        if item is None:
            raise NotFound(f"Job {name} does not exist.")
        return item

    def shown(self, where: str | None = None) -> dict[str, Any]:
        """The jobs and the options for all, of one place or of both, as Salt's functions show them."""
        places = (PILLAR, OPTS) if where is None else (where,)
        found: dict[str, Any] = {}
        for place in places:
            found |= self._whole[place]
            found |= {name: dict(item.data) for name, item in self._jobs[place].items()}
        return found

    def to_keep(self) -> dict[str, Any]:
        """What is written down: all of the configuration's, but for the jobs of the house."""
        return {name: job for name, job in self.shown(OPTS).items() if not name.startswith("__")}

    # --- changes ----------------------------------------------------------------------------------------------------

    def put(self, name: str, job: Mapping[str, Any]) -> None:
        """Have a job, in place of one that is there; `ArgumentError` for one that could never run."""
        item = self.made(name, job)
        if item.fault:
            raise ArgumentError(item.fault)
        where = PILLAR if name in self._jobs[PILLAR] and name not in self._jobs[OPTS] else OPTS
        self._jobs[where][name] = item

    def remove(self, name: str) -> None:
        """`NotFound` when there is no such job, `ArgumentError` when only pillar has it."""
        self.get(name)
        if self._jobs[OPTS].pop(name, None) is None:
            raise ArgumentError(f"Job {name} is in the pillar, where it has to be taken out.")

    def enable(self, *, enabled: bool, name: str = "") -> None:
        """Turn a job on or off; without a name all of them."""
        if name:
            self.get(name).data["enabled"] = enabled
        else:
            self._whole[OPTS]["enabled"] = enabled

    def ask_for(self, name: str, *, forced: bool) -> None:
        """Have a job run at once."""
        item = self.get(name)
        item.asked, item.forced = True, forced

    def postpone(self, name: str, moment: str, later: str, form: str = FORMAT) -> None:
        """Let a job run at another time than one of its own."""
        in_format(later, form)
        self.skip(name, moment, form)
        self.get(name).data.setdefault("run_explicit", []).append({"time": later, "time_fmt": form})

    def skip(self, name: str, moment: str, form: str = FORMAT) -> None:
        """Let a job be, one time."""
        in_format(moment, form)
        self.get(name).data.setdefault("skip_explicit", []).append({"time": moment, "time_fmt": form})

    # --- time goes by -----------------------------------------------------------------------------------------------

    def moved(self, seconds: float) -> None:
        """The clock was set by so much."""
        for item in self.items().values():
            item.move(seconds, self._now())

    def next_due(self) -> float | None:
        """When to look again; None when nothing is ever due."""
        items = self.items().values()
        if any(item.asked for item in items):
            return self._now()
        moments = [moment for item in items for moment in (item.due, item.next_explicit()) if moment is not None]
        return min(moments, default=None)

    def due(self) -> Iterator[Due]:
        """What is due, each once; a job that a window shuts out tells why."""
        now = self._now()
        for item in list(self.items().values()):
            if (found := self._due(item, now)) is not None:
                yield found

    def _due(self, item: Item, now: float) -> Due | None:
        on = self.enabled and item.enabled
        run = Due(item, str(item.data.get("function", "")))
        if (item.asked and (item.forced or on) and not item.fault) or (on and item.takes_explicit(now)):
            item.asked, item.why_skipped = False, ""
            return run
        item.asked = False
        if item.due is None or item.due > now:
            return run if on and self._waited(item, now) else None
        due = item.due
        item.go_on(now)
        if not on:
            return None
        item.why_skipped = "skip_explicit" if item.skips_explicit(due) else item.windows.why_not(_local(now))
        if not item.why_skipped:
            return run
        return self._skipped(item, now)

    def _skipped(self, item: Item, now: float) -> Due | None:
        item.skipped = now
        options = self._options() | item.data
        if item.why_skipped == "in_skip_range" and options.get(_AFTER_SKIP):
            self._waiting.add(item.name)
        instead = options.get("skip_function")
        return Due(item, str(instead)) if instead else None

    def _waited(self, item: Item, now: float) -> bool:
        """Whether it was skipped and wants to run as soon as the stretch is over, which it now is."""
        if item.name not in self._waiting or item.windows.why_not(_local(now)):
            return False
        self._waiting.discard(item.name)
        item.why_skipped = ""
        return True


def _local(now: float) -> Any:
    from datetime import datetime

    return datetime.fromtimestamp(now)  # noqa: DTZ006

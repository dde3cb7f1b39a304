"""What a minion does of itself, round after round: its schedule, its mine, its grains (behaviours SCH-01 to SCH-03).

The jobs of the house (`__mine_interval`, `__update_grains`) are jobs like any other; users do not see them unless they
ask for all.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from saltern.minion.journal import OWN_JID
from saltern.minion.kept_settings import write_settings
from saltern.minion.own_pillar import OwnPillar
from saltern.model.jid import JidClock, own_jid
from saltern.model.job import UNCACHED
from saltern.schedule.item import Item
from saltern.schedule.moments import FORMAT
from saltern.schedule.rounds import Rounds
from saltern.schedule.table import OPTS, PILLAR, Schedule

log = logging.getLogger(__name__)

MINE = "__mine_interval"
_GRAINS = "__update_grains"
_SPREAD = 5.0
"""Seconds over which minions of one fleet that start at once tell what they know."""


class ScheduleOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`schedule` is that of the configuration, `file` where it is kept once it changes; intervals are minutes, or 0.

    `has_mine`: the configuration names functions for the mine, whatever the pillar does. `returner` are those of all
    scheduled jobs (`schedule_returner`), `alone`: there is no master, `early`: jobs run before one is connected.
    """

    id: str
    schedule: Mapping[str, Any] = {}
    file: Path = Path()
    loop_interval: float = 1.0
    mine_interval: float = 0.0
    has_mine: bool = False
    grains_interval: float = 0.0
    returner: str | Sequence[str] = ""
    alone: bool = False
    early: bool = False


class Port(Protocol):
    """One master, as a schedule sees it."""

    @property
    def master(self) -> str: ...

    @property
    def connected(self) -> bool: ...

    @property
    def pillar(self) -> OwnPillar: ...


class Jobs(Protocol):
    """The desk, as a schedule sees it."""

    def take_own(self, load: dict[str, Any], master: str, *, quiet: bool = False) -> None: ...

    def count_scheduled(self, name: str) -> int: ...

    def grain(self, name: str) -> Any: ...


class OwnSchedule:
    """Lives in the link's event loop. `ports` are the masters."""

    def __init__(self, options: ScheduleOptions, jobs: Jobs, ports: Sequence[Port]) -> None:
        self._options = options
        self._jobs = jobs
        self._ports = ports
        self._jids = JidClock()
        self._seen: set[str] = set()
        self._saved = set(options.schedule)
        self._whens: Mapping[str, Any] = {}
        self._schedule = Schedule(self._named, time.time)
        self._rounds = Rounds(self._schedule, self._run, jobs.count_scheduled, options.loop_interval)

    @property
    def is_early(self) -> bool:
        return self._options.early and not self._options.alone

    # --- life -------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """The minion is ready: it is connected to a master, has none, or need not wait for one. Later calls change
        nothing."""
        if self._rounds.started:
            return
        self._schedule.take(OPTS, {**self._of_the_house(), **self._options.schedule})
        self.pillar_changed()
        self._rounds.start()

    def rest(self, pillar: Any) -> None:
        """Know the jobs without running any."""
        self._schedule.take(OPTS, self._options.schedule)
        self._schedule.take(PILLAR, pillar if isinstance(pillar, Mapping) else {})

    def master_is_there(self, master: str) -> None:
        """A master has welcomed the minion; it hears of the mine soon, the first time."""
        self.begin()
        if master not in self._seen:
            self._seen.add(master)
            self._mine_in(random.random() * _SPREAD)  # noqa: S311  (no secret: it spreads a crowd)

    def stop(self) -> None:
        self._rounds.stop()

    def pillar_changed(self) -> None:
        """A master has given pillar: its schedule counts beside that of the configuration."""
        found: dict[str, Any] = {}
        whens: dict[str, Any] = {}
        for port in self._ports:
            found |= port.pillar.schedule
            whens |= port.pillar.whens
        self._whens = whens
        self._schedule.take(PILLAR, found)
        self._rounds.look_soon()

    def _named(self, word: str) -> Any:
        if word in self._whens:
            return self._whens[word]
        of_grains = self._jobs.grain("whens")
        return of_grains.get(word) if isinstance(of_grains, Mapping) else None

    def _of_the_house(self) -> dict[str, Any]:
        jobs: dict[str, Any] = {}
        if self._options.mine_interval and not self._options.alone:
            jobs[MINE] = {
                "function": "mine.update", "minutes": self._options.mine_interval, "jid_include": True, "maxrunning": 2,
                "run_on_start": True, "return_job": False, "enabled": True,
            }  # fmt: skip
        if self._options.grains_interval:
            jobs[_GRAINS] = {
                "function": "event.fire", "args": [{}, "grains_refresh"], "minutes": self._options.grains_interval,
                "run_on_start": False, "return_job": False,
            }  # fmt: skip
        return jobs

    # --- what is due ------------------------------------------------------------------------------------------------

    def _run(self, item: Item, function: str) -> None:
        if item.name == MINE:
            self._tell_mines(item, function)
            return
        master = next((port.master for port in self._ports if port.connected), "")
        self._take(item, function, master)

    def _tell_mines(self, item: Item, function: str) -> None:
        """Each master keeps a mine of its own, and has given a pillar of its own."""
        if any(port.connected and not port.pillar.data for port in self._ports):
            self._mine_in(_SPREAD)
            return
        for port in self._ports:
            if port.connected and (self._options.has_mine or port.pillar.has_mine):
                self._take(item, function, port.master)

    def _mine_in(self, seconds: float) -> None:
        item = self._schedule.items().get(MINE)
        if item is not None:
            item.due = time.time() + seconds
            self._rounds.look_soon()

    def _take(self, item: Item, function: str, master: str) -> None:
        quiet = self._options.alone or item.data.get("return_job", True) is False
        self._jobs.take_own(self._load(item, function), master, quiet=quiet)

    def _load(self, item: Item, function: str) -> dict[str, Any]:
        data = item.data
        given, keywords = data.get("args", []), data.get("kwargs") or {}
        arguments = list(given) if isinstance(given, list) else [given]
        returners = data.get("returner") or self._options.returner
        load = {
            "jid": own_jid(self._options.id, self._jids), "fun": function,
            "arg": [*arguments, {**keywords, "__kwarg__": True}] if keywords else arguments, "tgt": self._options.id,
            "tgt_type": "glob", "ret": returners if isinstance(returners, str) else ",".join(returners), "user": "",
            "schedule": item.name,
        }  # fmt: skip
        if data.get("metadata"):
            load["metadata"] = _with_moment(data["metadata"])
        if data.get("return_job") == UNCACHED:
            load[OWN_JID] = UNCACHED
        options = {"ret_config": data.get("return_config"), "ret_kwargs": data.get("return_kwargs")}
        return load | {name: value for name, value in options.items() if value}

    # --- what functions of the minion ask for -----------------------------------------------------------------------

    def answer(self, verb: str, args: Mapping[str, Any]) -> Any:
        """What a function of the module `schedule` wants; errors are for the person who called it."""
        return _VERBS[verb](self, **args)

    def _list(self, where: str | None = None) -> dict[str, Any]:
        """The jobs and the options for all, and which of the jobs a restart knows again."""
        return {"schedule": self._schedule.shown(where), "saved": sorted(self._saved)}

    def _put(self, name: str, job: dict[str, Any], *, persist: bool = True) -> None:
        self._schedule.put(name, job)
        self._changed(persist=persist)

    def _check(self, name: str, job: dict[str, Any]) -> str:
        """Why such a job would not run; empty for one that would."""
        return self._schedule.made(name, job).fault

    def _remove(self, name: str, *, persist: bool = True) -> None:
        self._schedule.remove(name)
        self._changed(persist=persist)

    def _enable(self, *, enabled: bool, name: str = "", persist: bool = True) -> None:
        self._schedule.enable(enabled=enabled, name=name)
        self._changed(persist=persist)

    def _run_now(self, name: str, *, force: bool = False) -> None:
        self._schedule.ask_for(name, forced=force)
        self._rounds.look_soon()

    def _postpone(self, name: str, moment: str, later: str, form: str = FORMAT) -> None:
        self._schedule.postpone(name, moment, later, form)
        self._changed(persist=False)

    def _skip(self, name: str, moment: str, form: str = FORMAT) -> None:
        self._schedule.skip(name, moment, form)
        self._changed(persist=False)

    def _status(self, name: str, form: str = FORMAT) -> dict[str, Any]:
        item = self._schedule.items().get(name)
        return {} if item is None else item.status(form)

    def _reload(self) -> bool:
        """Read the file that was kept; whether there is one."""
        from saltern.config.read import read_values

        if not self._options.file.exists():
            return False
        kept = read_values(self._options.file, "").get("schedule") or {}
        self._schedule.forget(OPTS, kept)
        self._schedule.take(OPTS, {**self._schedule.shown(OPTS), **kept})
        self._changed(persist=False)
        return True

    def _changed(self, *, persist: bool) -> None:
        if persist:
            self._save()
        self._rounds.look_soon()

    def _save(self) -> None:
        kept = self._schedule.to_keep()
        write_settings(self._options.file, "schedule", kept)
        self._saved = set(kept)


_VERBS: Mapping[str, Callable[..., Any]] = {
    "list": OwnSchedule._list, "put": OwnSchedule._put, "check": OwnSchedule._check, "remove": OwnSchedule._remove,
    "enable": OwnSchedule._enable, "run": OwnSchedule._run_now, "postpone": OwnSchedule._postpone,
    "skip": OwnSchedule._skip, "status": OwnSchedule._status, "reload": OwnSchedule._reload, "save": OwnSchedule._save,
}  # fmt: skip


def _with_moment(metadata: Any) -> Any:
    """A job's metadata tell when it ran, in Salt's three ways."""
    if not isinstance(metadata, dict):
        return metadata
    now = time.localtime()
    shown = {"_TOS": "%z", "_TS": "%a %b %d %H:%M:%S %Y", "_TT": "%Y %B %d %a %H %m"}
    return metadata | {name: time.strftime(form, now) for name, form in shown.items()}

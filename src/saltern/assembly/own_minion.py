"""The minion of this machine, as functions ask it: the one that runs, or else what its files say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from saltern.assembly.places import places
from saltern.config.minion import MinionConfig
from saltern.errors import Unreachable
from saltern.minion.own_beacons import BeaconOptions, OwnBeacons
from saltern.minion.own_schedule import OwnSchedule, ScheduleOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.minion.worker import Line

Ask = Callable[[str, str, dict[str, Any]], Any]
_ALIVE = {"run", "postpone", "skip", "status"}
"""What only a minion that runs can do."""


def schedule_options(config: MinionConfig, *, alone: bool) -> ScheduleOptions:
    return ScheduleOptions(
        id=config.id, schedule=config.schedule, file=kept_beside(config, "_schedule.conf"),
        loop_interval=config.loop_interval, mine_interval=config.mine_interval if config.mine_enabled else 0,
        has_mine=bool(config.mine_functions), grains_interval=config.grains_refresh_every,
        returner=config.schedule_returner, alone=alone, early=config.scheduler_before_connect,
    )  # fmt: skip


def beacon_options(config: MinionConfig) -> BeaconOptions:
    return BeaconOptions(beacons=config.beacons, file=kept_beside(config, "beacons.conf"), order=places(config).beacons)


def kept_beside(config: MinionConfig, name: str) -> Path:
    """A file beside those that `default_include` names, so that the next start reads it."""
    return config.conf_file.parent / Path(config.default_include).parent / name


def asker(config: MinionConfig, find: Callable[[], Line | None], pillar: Callable[[], Mapping[str, Any]]) -> Ask:
    """Asks the minion that runs, found when the first question comes; `pillar` is what a resting one has."""

    @cache
    def line() -> Line | None:
        return find()

    @cache
    def resting(part: str) -> OwnSchedule | OwnBeacons:
        known: OwnSchedule | OwnBeacons
        if part == "schedule":
            known = OwnSchedule(schedule_options(config, alone=True), _Resting(), ())
        else:
            known = OwnBeacons(beacon_options(config), _Resting(), ())
        known.rest(pillar().get(part))
        return known

    def ask(part: str, verb: str, args: dict[str, Any]) -> Any:
        running = line()
        if running is not None:
            return running.manage(part, verb, args)
        if part == "minion" or verb in _ALIVE:
            raise Unreachable("No minion runs here.", hint="Start one: saltern minion -d")
        return resting(part).answer(verb, args)

    return ask


class _Resting:
    """The desk of a minion that does not run."""

    def take_own(self, load: dict[str, Any], master: str, *, quiet: bool = False) -> None:
        raise Unreachable(f"no minion runs here that could run {load['fun']} for {master or 'itself'} ({quiet=})")

    def count_scheduled(self, name: str) -> int:
        del name
        return 0

    def start_part(self, task: str, ended: Callable[[], None]) -> None:
        raise Unreachable(f"no minion runs here that could do {task} ({ended})")

    def end_part(self, task: str) -> bool:
        del task
        return False

    def grain(self, name: str) -> Any:
        del name
        return None

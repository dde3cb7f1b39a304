"""The process that watches: it asks the beacons of a minion again and again, and tells what they saw.

It lives as long as the configuration of the beacons stays as it is, so that a beacon can remember what it saw.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

_ONCE = 1.0
"""Seconds between two looks of a beacon that names no `interval`."""
Functions = Mapping[str, Callable[..., Any]]
Tell = Callable[[str, dict[str, Any]], object]


class Beacon(NamedTuple):
    """`module` is the file whose functions look, `config` what they are given."""

    name: str
    module: str
    config: list[dict[str, Any]]
    options: Mapping[str, Any]

    @property
    def interval(self) -> float:
        try:
            return float(self.options.get("interval", _ONCE))
        except (TypeError, ValueError):
            return _ONCE


def beacons_of(configured: Mapping[str, Any]) -> Iterator[Beacon]:
    """The beacons that are turned on, of a mapping of names to settings (a list of mappings, or one mapping)."""
    if not configured.get("enabled", True):
        return
    for name, given in configured.items():
        if name == "enabled":
            continue
        listed = [given] if isinstance(given, Mapping) else given if isinstance(given, list) else []
        config = [dict(one) for one in listed if isinstance(one, Mapping)]
        options = {key: value for one in config for key, value in one.items()}
        if options.get("enabled", True):
            module = str(options.get("beacon_module", name))
            yield Beacon(name, module, [*config, {"_beacon_name": name}], options)


class Watch:
    """Asks the beacons. `tell` takes what comes after the minion's id in a tag, and data; `in_states` says whether
    states run on this minion now."""

    def __init__(self, functions: Functions, tell: Tell, in_states: Callable[[], bool]) -> None:
        self._functions = functions
        self._tell = tell
        self._in_states = in_states
        self._beacons: list[Beacon] = []
        self._due: dict[str, float] = {}

    def take(self, configured: Mapping[str, Any]) -> None:
        """Look whether the beacons can be; those that cannot are logged and left out."""
        self._beacons = [beacon for beacon in beacons_of(configured) if self._is_valid(beacon)]

    @property
    def is_empty(self) -> bool:
        return not self._beacons

    def look(self, now: float) -> float:
        """Ask the beacons whose time has come; seconds until the next one's."""
        for beacon in list(self._beacons):
            if self._due.get(beacon.name, 0.0) <= now:
                self._due[beacon.name] = now + beacon.interval
                self._ask(beacon)
        return max(min((self._due[beacon.name] for beacon in self._beacons), default=now + _ONCE) - time.monotonic(), 0)

    def close(self) -> None:
        """Let the beacons let go of what they hold."""
        for beacon in self._beacons:
            close = self._find(beacon, "close")
            if close is not None:
                try:
                    close(beacon.config)
                except Exception:  # the boundary to a plugin
                    log.exception("the beacon %s could not be closed", beacon.name)

    def _ask(self, beacon: Beacon) -> None:
        if beacon.options.get("disable_during_state_run") and self._in_states():
            return
        try:
            seen = self._functions[f"{beacon.module}.beacon"](beacon.config)
            found = [dict(one) for one in seen or ()]
        except Exception as error:  # the boundary to a plugin
            log.exception("the beacon %s failed", beacon.name)
            self._tell(f"{beacon.name}/", {"error": f"{type(error).__name__}: {error}"})
            return
        for data in found:
            self._tell(f"{beacon.name}/{data.pop('tag', '')}", data)
        if beacon.options.get("run_once"):
            self._beacons.remove(beacon)

    def _is_valid(self, beacon: Beacon) -> bool:
        if self._find(beacon, "beacon") is None:
            log.error("the beacon %s cannot run: there is no beacon module %s", beacon.name, beacon.module)
            return False
        validate = self._find(beacon, "validate")
        if validate is None:
            return True
        try:
            is_good, told = validate(beacon.config)
        except Exception as error:  # the boundary to a plugin
            is_good, told = False, f"{type(error).__name__}: {error}"
        if not is_good:
            log.error("the beacon %s is not run, its configuration is wrong: %s", beacon.name, told)
        return bool(is_good)

    def _find(self, beacon: Beacon, function: str) -> Callable[..., Any] | None:
        return self._functions.get(f"{beacon.module}.{function}")

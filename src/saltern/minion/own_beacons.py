"""What a minion watches: `beacons` of its configuration and its pillar (behaviours BEA-01 to BEA-04).

The beacons are plugins, and so they work in a process of their own, which is there only where beacons are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from saltern.errors import NotFound
from saltern.minion.kept_settings import write_settings
from saltern.minion.own_pillar import OwnPillar
from saltern.minion.whole_files import write_whole

log = logging.getLogger(__name__)

TASK = "beacons"
_AGAIN = 10.0
"""Seconds before a watching process that died is started again."""


_PATIENCE = 10.0
"""Seconds that a master has to give the pillar."""


class BeaconOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`beacons` are those of the configuration, `file` where they are kept once they change, `order` the file that
    tells the watching process what to watch."""

    beacons: Mapping[str, Any] = {}
    file: Path = Path()
    order: Path = Path()


class Port(Protocol):
    """One master, as beacons see it."""

    @property
    def pillar(self) -> OwnPillar: ...


class Processes(Protocol):
    """The desk, as beacons see it."""

    def start_part(self, task: str, ended: Callable[[], None]) -> None:
        """Have a process do this task, unless one does; `ended` is called when it is over."""

    def end_part(self, task: str) -> bool:
        """End the process of a task; False when there is none."""


class OwnBeacons:
    """Lives in the link's event loop."""

    def __init__(self, options: BeaconOptions, processes: Processes, ports: Sequence[Port]) -> None:
        self._options = options
        self._processes = processes
        self._ports = ports
        self._own = dict(options.beacons)
        self._of_pillar: dict[str, Any] = {}
        self._begun = False
        self._changed = False
        """The watching process was ended for what it watches has changed."""
        self._watched: dict[str, Any] = {}

    # --- life -------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """The minion is ready; its pillar, which may say otherwise, is waited for. Later calls change nothing."""
        if self._begun:
            return
        self._begun = True
        if all(port.pillar.data for port in self._ports):
            self.pillar_changed()
        else:
            asyncio.get_running_loop().call_later(_PATIENCE, self._watch)

    def rest(self, pillar: Any) -> None:
        """Know the beacons without watching."""
        self._of_pillar = dict(pillar) if isinstance(pillar, Mapping) else {}

    def stop(self) -> None:
        self._begun = False
        self._processes.end_part(TASK)

    def begin_anew(self) -> None:
        """The plugins have changed: the process that watches is to have them."""
        self._changed = self._processes.end_part(TASK)

    def pillar_changed(self) -> None:
        found: dict[str, Any] = {}
        for port in self._ports:
            found |= port.pillar.beacons
        self._of_pillar = found
        self._watch()

    def _all(self) -> dict[str, Any]:
        return {**self._own, **self._of_pillar}

    def _watch(self) -> None:
        """Have the right things watched: the process begins anew when they have changed."""
        wanted = self._all()
        if not self._begun or wanted == self._watched:
            return
        self._watched = wanted
        write_whole(self._options.order, msgspec.msgpack.encode(wanted))
        self._changed = self._processes.end_part(TASK)
        if not self._changed:
            self._start()

    def _start(self) -> None:
        if self._begun and any(name != "enabled" for name in self._watched) and self._watched.get("enabled", True):
            self._processes.start_part(TASK, self._ended)

    def _ended(self) -> None:
        """After a change at once; a process that died by itself gets a while."""
        if self._begun:
            wait, self._changed = 0.0 if self._changed else _AGAIN, False
            asyncio.get_running_loop().call_later(wait, self._start)

    # --- what functions of the minion ask for -----------------------------------------------------------------------

    def answer(self, verb: str, args: Mapping[str, Any]) -> Any:
        """What a function of the module `beacons` wants; errors are for the person who called it."""
        return _VERBS[verb](self, **args)

    def _list(self, *, include_pillar: bool = True, include_opts: bool = True) -> dict[str, Any]:
        return {**(self._own if include_opts else {}), **(self._of_pillar if include_pillar else {})}

    def _put(self, name: str, data: Any) -> None:
        self._own[name] = data
        self._watch()

    def _remove(self, name: str) -> None:
        if self._own.pop(name, None) is None:
            raise NotFound(f"the configuration has no beacon {name}")
        self._watch()

    def _enable(self, *, enabled: bool, name: str = "") -> None:
        if not name:
            self._own["enabled"] = enabled
        else:
            self._own[name] = _with_option(self._all()[name], "enabled", enabled)
            self._of_pillar.pop(name, None)
        self._watch()

    def _save(self) -> str:
        write_settings(self._options.file, "beacons", self._own)
        return str(self._options.file)

    def _reset(self) -> None:
        self._own = {}
        self._watch()


_VERBS: Mapping[str, Callable[..., Any]] = {
    "list": OwnBeacons._list, "put": OwnBeacons._put, "remove": OwnBeacons._remove, "enable": OwnBeacons._enable,
    "save": OwnBeacons._save, "reset": OwnBeacons._reset,
}  # fmt: skip


def _with_option(given: Any, option: str, value: Any) -> Any:
    """The settings of a beacon with one of them changed, in the form that they had."""
    if isinstance(given, Mapping):
        return {**given, option: value}
    kept = [one for one in given or [] if not (isinstance(one, Mapping) and set(one) == {option})]
    return [*kept, {option: value}]

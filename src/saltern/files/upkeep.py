"""What is fetched, when it is due, and what may be locked and cleared: the same for every tree with remote sources."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from saltern.plugin_api.errors import DeliberateError
from saltern.plugin_api.mirror_folder import MirrorFolder

log = logging.getLogger(__name__)


class Fetched(Protocol):
    """A copy of something that is elsewhere."""

    kept: MirrorFolder

    def fetch(self) -> bool:
        """Fetch what is new; whether anything is."""


class Kept(NamedTuple):
    """A copy, the address it is fetched from (as it may be shown), and the seconds between fetches."""

    address: str
    interval: float
    copy: Fetched


class Upkeep:
    """A `files.server.RemoteTree` over copies. `name` is what the log calls them."""

    def __init__(self, name: str, copies: Sequence[Kept]) -> None:
        self._name = name
        self._copies = copies
        self._tried: dict[Path, float] = {}

    def update(self, *, due: bool = False) -> bool:
        """Fetch the copies, with `due` those whose interval is over; whether anything has changed.

        One that cannot be fetched is logged: what was fetched before is served on.
        """
        changed = False
        for one in self._copies:
            place = one.copy.kept.path
            last = max(one.copy.kept.fetched_at, self._tried.get(place, 0.0))
            if due and time.time() < last + one.interval:
                continue
            self._tried[place] = time.time()
            try:
                changed |= one.copy.fetch()
            except (DeliberateError, OSError) as error:
                log.error("%s: %s", self._name, error)
        return changed

    def lock(self, remote: str = "") -> list[str]:
        return [one.address for one in self._named(remote) if one.copy.kept.lock()]

    def unlock(self, remote: str = "") -> list[str]:
        return [one.address for one in self._named(remote) if one.copy.kept.unlock()]

    def clear(self) -> list[str]:
        places = [one.copy.kept.path for one in self._copies if one.copy.kept.path.is_dir()]
        for place in places:
            shutil.rmtree(place)
        return [str(place) for place in places]

    def _named(self, remote: str) -> Iterator[Kept]:
        return (one for one in self._copies if remote in one.address)

"""The pillar that a master gave this minion: in memory, as it came, and nowhere else (behaviour PIL-01)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from saltern.transport.frames import Reply

log = logging.getLogger(__name__)

_TRY_AGAIN = 30.0
"""Seconds after which a master is asked again that gave no pillar."""
_SPREAD = 30.0
"""Seconds over which minions ask that have a pillar already: after a restart of the master all of them do."""


class _Read(msgspec.Struct, frozen=True):
    """What the link obeys itself; all else in the pillar is not decoded."""

    minion_blackout: Any = False
    minion_blackout_whitelist: Any = ()
    mine_functions: Any = None
    schedule: Any = None
    whens: Any = None
    beacons: Any = None


class OwnPillar:
    """Fetched when the minion connects and when something wants it anew; meanwhile the old one counts.

    `ask` puts a request to the master.
    """

    def __init__(self, ask: Callable[[str, bytes], Awaitable[Reply]]) -> None:
        self._ask = ask
        self._fetching: asyncio.Task[Reply] | None = None
        self._later: asyncio.TimerHandle | None = None
        self.data = b""
        self.blackout: Mapping[str, Any] = {}
        """What it says of a blackout, see `minion.blackout`."""
        self.has_mine = False
        """Whether it names functions for the mine."""
        self.schedule: Mapping[str, Any] = {}
        self.whens: Mapping[str, Any] = {}
        """Names for times of a schedule."""
        self.beacons: Mapping[str, Any] = {}
        self.on_change: Callable[[], None] = lambda: None

    def greeted(self, *, wanted: bool) -> None:
        """The master is there; `wanted`: it does not remember what it gave this minion."""
        if not self.data:
            self.refresh(fresh=False)
        elif wanted:
            self._in(random.random() * _SPREAD)  # noqa: S311  (no secret: it spreads a crowd)

    def gone(self) -> None:
        if self._later is not None:
            self._later.cancel()

    def refresh(self, *, fresh: bool = True) -> asyncio.Task[Reply]:
        """Ask for it anew, with `fresh` past what the master has cached; the task gives the master's reply."""
        self.gone()
        self._fetching = asyncio.get_running_loop().create_task(self._fetch(fresh=fresh))
        return self._fetching

    async def current(self) -> Reply:
        """What there is; before the first time what the master says, pillar or error."""
        if self.data:
            return Reply(0, ok=True, body=self.data)
        fetching = self._fetching
        if fetching is None or fetching.done():
            fetching = self.refresh(fresh=False)
        return await asyncio.shield(fetching)

    async def _fetch(self, *, fresh: bool) -> Reply:
        reply = await self._ask("pillar", msgspec.msgpack.encode({"fresh": fresh}))
        if reply.ok:
            self.data = reply.body
            read = msgspec.msgpack.decode(reply.body, type=_Read)
            self.blackout = {
                "minion_blackout": read.minion_blackout, "minion_blackout_whitelist": read.minion_blackout_whitelist,
            }  # fmt: skip
            self.has_mine = bool(read.mine_functions)
            self.schedule, self.whens = _map(read.schedule), _map(read.whens)
            self.beacons = _map(read.beacons)
            self.on_change()
        else:
            log.error("the master gave no pillar: %s", _message(reply.body))
            self._in(_TRY_AGAIN)
        return reply

    def _in(self, seconds: float) -> None:
        self.gone()
        self._later = asyncio.get_running_loop().call_later(seconds, lambda: self.refresh(fresh=False))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _message(error: bytes) -> str:
    found = msgspec.msgpack.decode(error)
    return str(found.get("message", "")) if isinstance(found, dict) else str(found)

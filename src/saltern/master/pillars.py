"""The verb `pillar`: a minion asks for its own, and gets no other.

Who asks is the certificate's id, its grains are those that the master knows of it. What the minion is given, the master
remembers for targets, in memory only.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec

from saltern.errors import ArgumentError, PermissionRefused

_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Asked(msgspec.Struct, frozen=True):
    """What a minion wants: `override` laid over all, certain environments, or one external pillar alone.

    `fresh` asks past what is cached.
    """

    override: dict[str, Any] = {}
    pillarenv: str | None = None
    saltenv: str | None = None
    external: dict[str, Any] | None = None
    fresh: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether this is the pillar that the minion has, and not a variant for one job."""
        return not (self.override or self.pillarenv or self.saltenv or self.external)


Compile = Callable[[str, bytes, Asked], Awaitable[bytes]]
"""From the id of a minion, its grains and what is asked to the pillar; both in MessagePack."""


class Knowledge(Protocol):
    """What the master knows of its minions."""

    def encoded_grains(self, minion: str) -> bytes: ...

    def take_pillar(self, minion: str, pillar: bytes) -> None: ...


class PillarCache:
    """Pillars by what they were made from (`pillar_cache`), for at most `seconds`.

    `state` tells what the pillar files are like; when it changes, all is forgotten.
    """

    def __init__(self, seconds: float, state: Callable[[], str], most: int = 20_000) -> None:
        self._seconds = seconds
        self._state = state
        self._most = most
        self._made_of = ""
        self._kept: dict[str, dict[bytes, tuple[float, bytes]]] = {}

    async def get(self, minion: str, key: bytes) -> bytes | None:
        await self._look()
        made, pillar = self._kept.get(minion, {}).get(key, (0.0, None))
        return pillar if pillar is not None and time.monotonic() - made < self._seconds else None

    def put(self, minion: str, key: bytes, pillar: bytes) -> None:
        if len(self._kept) >= self._most and minion not in self._kept:
            self._kept.pop(next(iter(self._kept)))
        self._kept.setdefault(minion, {})[key] = (time.monotonic(), pillar)

    def forget(self, minion: str = "") -> None:
        """Forget the pillars of one minion, or all."""
        if minion:
            self._kept.pop(minion, None)
        else:
            self._kept.clear()

    async def _look(self) -> None:
        state = await asyncio.to_thread(self._state)
        if state != self._made_of:
            self._kept.clear()
            self._made_of = state


class Pillars:
    """`on_demand` are the names of external pillars that a minion may ask for itself: `on_demand_ext_pillar`."""

    def __init__(
        self, compile_: Compile, fleet: Knowledge, on_demand: frozenset[str], cache: PillarCache | None = None
    ) -> None:
        self._compile = compile_
        self._fleet = fleet
        self._on_demand = on_demand
        self._cache = cache
        self._running: dict[tuple[str, bytes], asyncio.Task[bytes]] = {}

    async def ask(self, minion: str, args: Mapping[str, Any]) -> msgspec.Raw:
        """A `master.requests.Verb`."""
        try:
            asked = msgspec.convert(args, Asked)
        except msgspec.ValidationError as error:
            raise ArgumentError(f"pillar: {error}") from error
        self._check(asked)
        pillar = await self._pillar(minion, asked)
        if asked.is_plain:
            self._fleet.take_pillar(minion, pillar)
        return msgspec.Raw(pillar)

    def _check(self, asked: Asked) -> None:
        refused = sorted(set(asked.external or ()) - self._on_demand)
        if refused:
            raise PermissionRefused(
                "The following ext_pillar modules are not allowed for on-demand pillar data: "
                f"{', '.join(refused)}. Valid on-demand ext_pillar modules are: {', '.join(sorted(self._on_demand))}.",
                hint="The master's option on_demand_ext_pillar decides that.",
            )

    async def _pillar(self, minion: str, asked: Asked) -> bytes:
        """One compilation for all that ask the same at the same time."""
        grains = self._fleet.encoded_grains(minion)
        key = (minion, _encode([grains, asked]))
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.get_running_loop().create_task(self._made(minion, grains, asked))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # One who leaves ends nobody else's waiting.
        return await asyncio.shield(task)

    async def _made(self, minion: str, grains: bytes, asked: Asked) -> bytes:
        if self._cache is None:
            return await self._compile(minion, grains, asked)
        if asked.fresh:
            self._cache.forget(minion)
        key = _encode([grains, msgspec.structs.replace(asked, fresh=False)])
        kept = await self._cache.get(minion, key)
        if kept is None:
            kept = await self._compile(minion, grains, asked)
            self._cache.put(minion, key, kept)
        return kept

"""A pool of simulated minions in one event loop: enrols them, keeps them connected, counts what they do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import msgspec

from saltern.errors import SalternError, Unreachable
from saltern.swarm.fake import Behaviour, Counts, FakeMinion
from saltern.swarm.keys import SwarmKeys
from saltern.transport import frames
from saltern.transport.contract import ClientTransport, Link

_AT_ONCE = 64
"""Connections that are being made at the same time."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0


class PoolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`rate`: connections a second (0: as fast as they go). `directory` keeps the key and the certificates."""

    name: str
    first: int
    count: int
    master: str
    directory: Path
    token: str = ""
    rate: float = 0.0
    seed: int = 0
    behaviour: Behaviour = Behaviour()


class Pool:
    """Runs until cancelled. `transport` makes the connections of a minion by its id; of one without an id, those on
    which minions enrol."""

    def __init__(self, options: PoolOptions, keys: SwarmKeys, transport: Callable[[str], ClientTransport]) -> None:
        self._options = options
        self._keys = keys
        self._transport = transport
        self._enrolling = transport("")
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._minions: list[FakeMinion] = []
        self.counts = Counts()

    @property
    def welcomed(self) -> int:
        """How many are connected and known to the master."""
        return sum(minion.welcomed for minion in self._minions)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._options.first, self._options.first + self._options.count):
                group.create_task(self._live(f"{self._options.name}-{number}"))
                if self._options.rate:
                    await asyncio.sleep(1 / self._options.rate)

    async def _live(self, name: str) -> None:
        """One minion: a certificate, then a connection for as long as the pool runs."""
        minion = FakeMinion(name, self._options.behaviour, self.counts, self._options.seed)
        self._minions.append(minion)
        pause = _FIRST_PAUSE
        transport: ClientTransport | None = None
        while True:
            try:
                if not self._keys.is_enrolled(name):
                    await self._enrol(name)
                async with self._places:
                    transport = transport or self._transport(name)
                    minion.closed_event.clear()
                    await transport.connect(self._options.master, minion)
                pause = _FIRST_PAUSE
                await minion.closed_event.wait()
            except SalternError:
                self.counts.failed_connects += 1
                pause = min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause * random.random())  # noqa: S311

    async def _enrol(self, name: str) -> None:
        """Ask, and wait for as long as the key is pending: meanwhile others take their turn."""
        asking = _Enrolling(name, self._keys.request, self._options.token)
        async with self._places:
            link = await self._enrolling.connect(self._options.master, asking)
        try:
            reply = await asking.answer
        finally:
            link.close()
        self._keys.keep(name, reply.authority, reply.certificate)
        self.counts.enrolled += 1


class _Enrolling:
    """A `transport.contract.Handler` that asks once; waits while the key is pending."""

    def __init__(self, name: str, csr: str, token: str) -> None:
        self._enrol = frames.Enrol(name, csr, token)
        self.answer: asyncio.Future[frames.EnrolReply] = asyncio.get_running_loop().create_future()

    def opened(self, link: Link) -> None:
        link.send(self._enrol)

    def received(self, frame: frames.AnyFrame) -> None:
        if not isinstance(frame, frames.EnrolReply) or frame.state == "pending" or self.answer.done():
            return
        if frame.state == "accepted":
            self.answer.set_result(frame)
        else:
            self.answer.set_exception(Unreachable(f"the master says {frame.state}: {frame.message}"))

    def closed(self, error: Exception | None) -> None:
        if not self.answer.done():
            self.answer.set_exception(error or Unreachable("the master closed the connection"))

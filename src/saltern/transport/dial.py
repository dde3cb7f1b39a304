"""Keep a minion connected: which master next, and when.

A minion of several masters at once runs one `Dialer` for each; one that fails over gives one `Dialer` the whole list.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from saltern.errors import IdentityRefused, SalternError, Unreachable
from saltern.transport.contract import ClientTransport, Handler, Link
from saltern.transport.frames import AnyFrame, Goodbye, Pace, Welcome

log = logging.getLogger(__name__)


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Waits between attempts, in milliseconds: `recon_default`, twice that, and so on up to `recon_max`.

    With `recon_randomize` each is drawn between its half and its whole, so that minions do not come all at once.
    """

    recon_default: int = 1000
    recon_max: int = 10_000
    recon_randomize: bool = True

    def delay(self, failures: int, chance: random.Random) -> float:
        """Seconds to wait after so many failures in a row (from 1)."""
        whole = min(self.recon_max, self.recon_default << min(failures - 1, 30)) / 1000
        return chance.uniform(whole / 2, whole) if self.recon_randomize else whole


class Dialer:
    """Connects, and connects again whenever the connection ends. Cancel the task that runs `run` to stop.

    `client` is asked for the transport at each attempt: a minion whose certificate is new gives a new one. `handler`
    makes the handler for a connection to a master (its address). A whole round through `masters` without success is
    one failure for the back-off; after a connection on which the master said `Welcome`, the first attempt comes at a
    random moment within the seconds that the master asked for (`Welcome.reconnect`, `Pace.reconnect`).

    `refused` hears of a master that is not who it should be, or does not accept this minion's certificate, and may
    raise to end `run`; that master is left out for `refused_wait` seconds, or until `redial`. `sleep`, `clock` and
    `chance` are there for tests.
    """

    def __init__(
        self,
        client: Callable[[], ClientTransport],
        masters: Sequence[str],
        handler: Callable[[str], Handler],
        *,
        backoff: Backoff | None = None,
        shuffle: bool = False,
        refused: Callable[[str, IdentityRefused], None] | None = None,
        refused_wait: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._client = client
        self._handler = handler
        self._backoff = backoff or Backoff()
        self._refused = refused
        self._refused_wait = refused_wait
        self._sleep = sleep
        self._clock = clock
        self._left_out: dict[str, float] = {}
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._masters = list(masters)
        if shuffle:
            self._chance.shuffle(self._masters)
        self._again = asyncio.Event()
        self._connection: _Connection | None = None

    @property
    def link(self) -> Link | None:
        """The open connection, if there is one."""
        return self._connection.link if self._connection else None

    @property
    def master(self) -> str:
        """The address that is connected, or an empty text."""
        return self._connection.master if self._connection else ""

    def redial(self) -> None:
        """End the connection, if there is one, and connect anew without waiting."""
        self._left_out.clear()
        self._again.set()
        if (link := self.link) is not None:
            link.close("connecting anew")

    async def run(self) -> None:
        failures = 0
        while True:
            self._again.clear()
            connection = await self._round()
            try:
                delay = await self._after(connection, failures)
            finally:
                self._connection = None
            failures = 0 if connection is not None and connection.welcomed else failures + 1
            await self._wait(delay)

    async def _round(self) -> _Connection | None:
        """Try each master once; the first connection, or None."""
        for master in self._masters:
            if self._left_out.get(master, 0.0) > self._clock():
                continue
            connection = _Connection(master, self._handler(master))
            try:
                await self._client().connect(master, connection)
            except IdentityRefused as error:
                self._report(master, error)
            except Unreachable as error:
                log.warning("master %s: %s", master, error)
            else:
                return connection
        return None

    async def _after(self, connection: _Connection | None, failures: int) -> float:
        """Stay with a connection until it ends; then the seconds to wait before the next round."""
        if connection is None:
            return self._before_next_round(failures)
        self._connection = connection
        try:
            error = await connection.ended
        except asyncio.CancelledError:
            if connection.link is not None:
                connection.link.close("the minion stops")
            raise
        log.info("the connection to master %s ended%s", connection.master, f": {error}" if error else "")
        if isinstance(error, IdentityRefused):
            self._report(connection.master, error)
        elif connection.welcomed:
            return self._chance.uniform(0, connection.spread)
        return self._before_next_round(failures)

    def _before_next_round(self, failures: int) -> float:
        now = self._clock()
        if all(self._left_out.get(master, 0.0) > now for master in self._masters):
            return min(self._left_out.values()) - now
        return self._backoff.delay(failures + 1, self._chance)

    def _report(self, master: str, error: IdentityRefused) -> None:
        log.error("master %s: %s", master, error)
        self._left_out[master] = self._clock() + self._refused_wait
        if self._refused is not None:
            self._refused(master, error)

    async def _wait(self, delay: float) -> None:
        """Sleep, unless `redial` was or is called."""
        if self._again.is_set():
            return
        naps = [asyncio.ensure_future(self._sleep(delay)), asyncio.ensure_future(self._again.wait())]
        try:
            await asyncio.wait(naps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for nap in naps:
                nap.cancel()


class _Connection:
    """A handler around the minion's own: it sees the master's pace and the end go by."""

    def __init__(self, master: str, inner: Handler) -> None:
        self.master = master
        self.link: Link | None = None
        self.welcomed = False
        self.spread = 0.0
        self.ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._inner = inner
        self._farewell: SalternError | None = None

    def opened(self, link: Link) -> None:
        self.link = link
        self._inner.opened(link)

    def received(self, frame: AnyFrame) -> None:
        if isinstance(frame, Welcome):
            self.welcomed = True
            self.spread = frame.reconnect
        elif isinstance(frame, Pace):
            self.spread = frame.reconnect
        elif isinstance(frame, Goodbye) and frame.enrol:
            self._farewell = IdentityRefused(f"The master does not accept this minion: {frame.reason}")
        self._inner.received(frame)

    def closed(self, error: Exception | None) -> None:
        self.link = None
        if not self.ended.done():
            self.ended.set_result(self._farewell or error)
        self._inner.closed(error)

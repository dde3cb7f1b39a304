"""What the TLS links of one side share: buffers, one flush for each turn of the loop, one watch on all deadlines."""

from __future__ import annotations

import asyncio
from typing import Protocol

_WIRE_BUFFER = 64 << 10
PLAIN_BUFFER = 16 << 10
"""A TLS record holds no more."""
_FLUSHES_A_TURN = 256
_WATCH_INTERVAL = 1.0


class Flushed(Protocol):
    def flush(self) -> None: ...

    def overdue(self) -> None: ...


class Hub:
    """Bound to the loop that runs when it is made.

    Links read into the same two buffers, one after the other: each read is dealt with before the next one begins. So
    an idle link has no buffer of its own.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.wire = memoryview(bytearray(_WIRE_BUFFER))
        self.plain = memoryview(bytearray(PLAIN_BUFFER))
        self._waiting: list[Flushed] = []
        self._deadlines: dict[Flushed, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def flush_soon(self, link: Flushed) -> None:
        if not self._waiting:
            self.loop.call_soon(self._flush)
        self._waiting.append(link)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if len(waiting) > _FLUSHES_A_TURN:
            # A fan-out to every minion must not keep the loop from everything else while it is encrypted.
            self._waiting = waiting[_FLUSHES_A_TURN:]
            self.loop.call_soon(self._flush)
        for link in waiting[:_FLUSHES_A_TURN]:
            link.flush()

    def watch(self, link: Flushed, seconds: float) -> None:
        """Call `overdue` of the link about `seconds` from now; it has one deadline, the last one set."""
        self._deadlines[link] = self.loop.time() + seconds
        if self._timer is None:
            self._timer = self.loop.call_later(_WATCH_INTERVAL, self._check)

    def unwatch(self, link: Flushed) -> None:
        self._deadlines.pop(link, None)

    def _check(self) -> None:
        self._timer = None
        now = self.loop.time()
        for link in [link for link, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[link]
            link.overdue()
        if self._deadlines:
            self._timer = self.loop.call_later(_WATCH_INTERVAL, self._check)

"""The event log in memory: complete, and gone with its process."""

from __future__ import annotations

from collections.abc import Sequence

from saltern.errors import StoreError
from saltern.events.window import Arrivals, Window
from saltern.model.event import Event

_KEEP_BYTES = 64 << 20


class MemoryEventLog:
    """Keeps about `keep_bytes` of the newest events; `expire` keeps fewer."""

    def __init__(self, keep_bytes: int = _KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._window = Window(last=0)
        self._arrivals = Arrivals()
        self._closed = False

    def append(self, tag: str, data: bytes, stamp: float) -> int:
        self._check_open()
        seq = self._window.add(tag, data, stamp).seq
        if self._window.size > self._keep_bytes:
            # To nine tenths, so that not every event pays for the trimming.
            self._window.trim(self._keep_bytes * 9 // 10, keep=seq)
        self._arrivals.tell()
        return seq

    async def sync(self) -> None:
        self._check_open()

    async def read(self, after: int, limit: int = 1000, prefix: str = "") -> Sequence[Event]:
        self._check_open()
        events, _ = self._window.after(after, limit, prefix)
        return events

    async def wait(self, after: int) -> None:
        while self._window.last <= after:
            await self._arrivals.next()

    def last(self) -> int:
        return self._window.last

    async def expire(self, keep_seconds: float, keep_bytes: int, now: float) -> int:
        self._check_open()
        before = self._window.first
        if keep_seconds:
            self._window.drop_older(now - keep_seconds)
        if keep_bytes:
            self._window.trim(keep_bytes, keep=self._window.last)
        return self._window.first - before

    async def close(self) -> None:
        self._closed = True
        self._arrivals.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The event log is closed.")

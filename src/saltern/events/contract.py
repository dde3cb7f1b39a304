"""What an event log must do. Its definition is the suite in `tests/contracts/test_event_log.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saltern.model.event import Event


class EventLog(Protocol):
    """A durable sequence of events that any number of readers follow, each by a cursor of its own.

    A lost wake-up costs nothing: a reader that comes late reads from its cursor. One whose cursor is older than the
    oldest event goes on there. `seq` grows by one with each event, and by more after a crash: no number that a reader
    may have seen names a second event. After `close` every call raises `StoreError`, also in those that wait.
    """

    def append(self, tag: str, data: bytes, stamp: float) -> int:
        """Add an event (data: MessagePack) and give its `seq`; readers see it at once, `sync` makes it durable.

        `StoreFull` when the disk has been full for long. Called in the event loop.
        """

    async def sync(self) -> None:
        """Make durable what was appended before."""

    async def read(self, after: int, limit: int = 1000, prefix: str = "") -> Sequence[Event]:
        """Events with `seq` above `after`, oldest first, only tags that start with `prefix`."""

    async def wait(self, after: int) -> None:
        """Return as soon as there is an event with `seq` above `after`."""

    def last(self) -> int:
        """The `seq` of the newest event, 0 in an empty log."""

    async def expire(self, keep_seconds: float, keep_bytes: int, now: float) -> int:
        """Drop the oldest events beyond the bounds (0: no bound); how many files or batches were dropped."""

    async def close(self) -> None:
        """Make everything durable and let go of the files."""

"""The newest events of a log, in memory, and those who wait for the next one."""

from __future__ import annotations

import asyncio

from saltern.errors import StoreError
from saltern.model.event import Event

_EVENT_COST = 200
"""Bytes that an event takes besides its tag and data, about."""


class Window:
    """The events from `first` to `last`, without a gap. Bounded by `trim`, which its log calls."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.newest = 0.0
        """Stamp of the event that came last."""
        self.size = 0
        """Bytes that the events take, about."""
        self._events: list[Event] = []

    @property
    def first(self) -> int:
        """The `seq` of the oldest event here; one after `last` when there is none."""
        return self._events[0].seq if self._events else self.last + 1

    def add(self, tag: str, data: bytes, stamp: float) -> Event:
        self.last += 1
        event = Event(seq=self.last, tag=tag, stamp=stamp, data=data)
        self._events.append(event)
        self.size += _EVENT_COST + len(tag) + len(data)
        self.newest = stamp
        return event

    def after(self, seq: int, limit: int, prefix: str) -> tuple[list[Event], int]:
        """At most `limit` events above `seq`, and the `seq` up to which that is all there is with this prefix."""
        start = max(seq + 1 - self.first, 0)
        if not prefix:
            found = self._events[start : start + limit]
        else:
            found = []
            for event in self._events[start:]:
                if event.tag.startswith(prefix):
                    found.append(event)
                    if len(found) == limit:
                        break
        return found, found[-1].seq if len(found) == limit else self.last

    def drop_before(self, seq: int) -> int:
        """Forget the events below `seq`; how many."""
        count = min(max(seq - self.first, 0), len(self._events))
        self.size -= sum(map(_cost, self._events[:count]))
        del self._events[:count]
        return count

    def drop_older(self, stamp: float) -> int:
        """Forget the oldest events as long as they are from before `stamp`; how many."""
        young = (event.seq for event in self._events if event.stamp >= stamp)
        return self.drop_before(next(young, self.last + 1))

    def trim(self, size: int, keep: int) -> None:
        """Forget the oldest until what is left takes `size` bytes; never those above `keep`."""
        excess, count = self.size - size, 0
        for event in self._events:
            if excess <= 0 or event.seq > keep:
                break
            excess -= _cost(event)
            count += 1
        self.drop_before(self.first + count)


class Arrivals:
    """Readers that wait for the next event. Waking them costs the first `tell` after a wait, the others nothing."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self._closed = False

    async def next(self) -> None:
        if self._closed:
            raise StoreError("The event log is closed.")
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter
        if self._closed:
            raise StoreError("The event log is closed.")

    def tell(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def close(self) -> None:
        self._closed = True
        self.tell()


def _cost(event: Event) -> int:
    return _EVENT_COST + len(event.tag) + len(event.data)

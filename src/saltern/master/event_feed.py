"""The event log as a feed of event returners (behaviour RET-07)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from saltern.events.contract import EventLog
from saltern.export.contract import Item, Measure, Page
from saltern.model.event import Event

_encode = msgspec.msgpack.Encoder().encode


class EventChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are exported, and how many together: `event_return_whitelist` and its neighbours.

    With a `queue` the events wait until so many are there, or the first has waited `seconds` (0: for any time).
    """

    whitelist: tuple[str, ...] = ()
    blacklist: tuple[str, ...] = ()
    queue: int = 0
    seconds: float = 0.0

    def takes(self, tag: str) -> bool:
        if any(fnmatchcase(tag, pattern) for pattern in self.blacklist):
            return False
        return not self.whitelist or any(fnmatchcase(tag, pattern) for pattern in self.whitelist)


class EventFeed:
    """An `export.contract.Feed` over the event log."""

    def __init__(self, events: EventLog, choice: EventChoice) -> None:
        self._events = events
        self._choice = choice

    async def wait(self, after: int) -> None:
        await self._events.wait(after)

    async def read(self, after: int, limit: int, most_bytes: int) -> Page:
        while True:
            page = list(await self._events.read(after, max(limit, self._choice.queue)))
            chosen = [event for event in page if self._choice.takes(event.tag)]
            cursor = page[-1].seq if page else after
            if not chosen:
                # A hole in the numbers has nothing in it: the log has none between the cursor and its first event.
                return Page(items=[], cursor=cursor)
            if await self._is_time(chosen, cursor):
                return Page(items=[_item(event) for event in chosen], cursor=cursor)

    async def measure(self, after: int, limit: int) -> list[Measure]:
        found: list[Measure] = []
        while len(found) < limit and (page := await self._events.read(after, limit)):
            found += [
                Measure(seq=event.seq, size=len(event.data), began=event.stamp)
                for event in page
                if self._choice.takes(event.tag)
            ]
            after = page[-1].seq
        return found[:limit]

    def delivered(self, items: Sequence[Item]) -> None:
        """Nothing is said twice."""

    async def _is_time(self, chosen: Sequence[Event], cursor: int) -> bool:
        """Whether what is there is to go now; else this returns when there is more, or the time is over."""
        if len(chosen) >= self._choice.queue:
            return True
        left = chosen[0].stamp + self._choice.seconds - time.time() if self._choice.seconds else None
        if left is not None and left <= 0:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._events.wait(cursor), left)
        return False


def _item(event: Event) -> Item:
    form = {"call": "event_return", "load": {"tag": event.tag, "data": msgspec.Raw(event.data)}}
    return Item(seq=event.seq, key=f"event {event.seq}", group=event.tag, body=_encode(form))

"""Firing and following events on a log. Shape of an event: behaviour EVT-01."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from saltern.errors import ArgumentError, StoreError
from saltern.events.contract import EventLog
from saltern.events.match import fixed_prefix, tag_matcher
from saltern.events.tags import problem_of_tag
from saltern.model.event import Event

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_PAGE = 1000


class EventBus:
    """`max_size`: bytes of one event's data (`max_event_size`)."""

    def __init__(self, events: EventLog, *, now: Callable[[], float] = time.time, max_size: int = 1 << 20) -> None:
        self.log = events
        self.dropped = 0
        """Events that the log could not take."""
        self._now = now
        self._max_size = max_size

    def fire(self, tag: str, data: Mapping[str, Any]) -> int:
        """Add an event; `data` gains `_stamp`. Its `seq`, or 0 when the log could not take it.

        `ArgumentError` for a tag that is none, and for data that MessagePack has no form for or that is too large.
        """
        now = self._now()
        try:
            encoded = _encode({**data, "_stamp": stamp_of(now)})
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ArgumentError(f"The data of {tag} cannot be an event's: {error}") from error
        return self._add(tag, encoded, now)

    def fire_encoded(self, tag: str, data: bytes) -> int:
        """As `fire`, for MessagePack of a dict that has its `_stamp`."""
        return self._add(tag, data, self._now())

    async def follow(
        self, match: str = "*", after: int | None = None, *, kind: str = "fnmatch"
    ) -> AsyncIterator[Event]:
        """The events with a matching tag, above the cursor `after` (None: from now on), without end.

        A follower that is so far behind that its events have expired goes on at the oldest there is. `StoreError` when
        the log is closed.
        """
        wanted, prefix = tag_matcher(match, kind), fixed_prefix(match, kind)
        cursor = self.log.last() if after is None else after
        while True:
            seen = self.log.last()
            page = await self.log.read(cursor, _PAGE, prefix)
            for event in page:
                if wanted(event.tag):
                    yield event
            if len(page) == _PAGE:
                cursor = page[-1].seq
                continue
            # A page that is not full had everything up to `seen`, also what the prefix left out.
            cursor = max([cursor, seen, *[event.seq for event in page[-1:]]])
            await self.log.wait(cursor)

    def _add(self, tag: str, data: bytes, now: float) -> int:
        if problem := problem_of_tag(tag):
            raise ArgumentError(f"This cannot be an event: {problem}.")
        if len(data) > self._max_size:
            raise ArgumentError(f"The data of {tag} is {len(data)} bytes; max_event_size is {self._max_size}.")
        try:
            return self.log.append(tag, data, now)
        except StoreError as error:
            # Events tell of what is on record elsewhere: what fires one must not fail for it.
            if not self.dropped & (self.dropped - 1):
                log.error("an event was dropped (%d before): %s", self.dropped, error)
            self.dropped += 1
            return 0


def stamp_of(moment: float) -> str:
    """Salt's `_stamp`: UTC in ISO form with microseconds, no zone."""
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

"""How much waits for a target: counted once, by a cursor that runs ahead of the one that delivers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

import msgspec

from saltern.export.contract import Feed, Measure

_BUCKET = 500
"""Items that are counted together: a day without the database is then some thousand numbers."""


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Items that follow each other. `oldest` is when the first of what they belong to began."""

    first: int
    last: int
    count: int
    size: int
    oldest: float


class Backlog:
    """What waits behind a position."""

    def __init__(self) -> None:
        self._buckets: deque[Bucket] = deque()
        self._until = 0
        self._looking = asyncio.Lock()

    @property
    def count(self) -> int:
        return sum(bucket.count for bucket in self._buckets)

    @property
    def size(self) -> int:
        return sum(bucket.size for bucket in self._buckets)

    @property
    def oldest(self) -> float | None:
        """When the oldest of what waits began; None when nothing waits."""
        return min((bucket.oldest for bucket in self._buckets), default=None)

    async def look(self, feed: Feed, position: int) -> None:
        """Count what came since the last look, and no longer what is done."""
        async with self._looking:
            await self._trim(feed, position)
            while measures := await feed.measure(max(self._until, position), _BUCKET):
                self._buckets.append(_bucket_of(measures))
                self._until = measures[-1].seq

    def forget(self, position: int) -> None:
        """No longer count what lies wholly before a position."""
        while self._buckets and self._buckets[0].last <= position:
            self._buckets.popleft()

    def overflow(self, most_bytes: int) -> Bucket | None:
        """The oldest items that have to go so that the rest is within the bound (0: no bound)."""
        if not most_bytes or self.size <= most_bytes:
            return None
        size, chosen = self.size, []
        while size > most_bytes and self._buckets:
            chosen.append(self._buckets.popleft())
            size -= chosen[-1].size
        return Bucket(
            first=chosen[0].first,
            last=chosen[-1].last,
            count=sum(bucket.count for bucket in chosen),
            size=sum(bucket.size for bucket in chosen),
            oldest=min(bucket.oldest for bucket in chosen),
        )

    async def _trim(self, feed: Feed, position: int) -> None:
        self.forget(position)
        if not self._buckets or self._buckets[0].first > position:
            return
        last = self._buckets.popleft().last
        left = [measure for measure in await feed.measure(position, _BUCKET) if measure.seq <= last]
        if left:
            self._buckets.appendleft(_bucket_of(left))


def _bucket_of(measures: Sequence[Measure]) -> Bucket:
    return Bucket(
        first=measures[0].seq,
        last=measures[-1].seq,
        count=len(measures),
        size=sum(measure.size for measure in measures),
        oldest=min(measure.began for measure in measures),
    )

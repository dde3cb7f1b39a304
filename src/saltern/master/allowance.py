"""How often somebody may do something: so many at once, and then so many a second."""

from __future__ import annotations

import time
from collections.abc import Callable


class Allowance:
    """A bucket for each name: it holds `most`, each `take` takes one out, and `rate` a second flow in."""

    def __init__(self, most: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> bool:
        """Take one; False when there is none left."""
        now = self._clock()
        left, since = self._buckets.get(name, (self._most, now))
        left = min(self._most, left + (now - since) * self._rate)
        if left < 1:
            return False
        self._buckets[name] = (left - 1, now)
        return True

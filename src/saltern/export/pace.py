"""How long a target that fails is left alone."""

from __future__ import annotations

import random
from collections.abc import Callable


class Pace:
    """Counts failures in a row; each makes the next attempt wait about twice as long, up to `most` seconds.

    The wait is drawn between half of that and all of it, so that many who lost the same server do not come back to it
    at the same moment.
    """

    def __init__(self, first: float = 0.25, most: float = 30.0, draw: Callable[[], float] = random.random) -> None:
        self.failures = 0
        self._first = first
        self._most = most
        self._draw = draw

    def failed(self) -> float:
        """Note a failure; the seconds until the next attempt."""
        self.failures += 1
        whole = min(self._most, self._first * 2.0 ** min(self.failures - 1, 32))
        return whole * (0.5 + self._draw() / 2)

    def succeeded(self) -> None:
        self.failures = 0

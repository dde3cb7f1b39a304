"""A brake on guessing: whoever fails to log in again and again has to wait longer and longer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

_FIRST = 1.0
_LONGEST = 300.0
_FORGET = 3600.0
_MOST = 10_000
"""Names that are remembered: an attacker who invents names must not fill the memory."""


class Brake:
    """Counts failures by key, such as who asks from where.

    `free` failures in a row cost nothing: people mistype. `now` is a monotonic clock in seconds.
    """

    def __init__(self, free: int, now: Callable[[], float]) -> None:
        self._free = free
        self._now = now
        self._failures: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def wait(self, key: Hashable) -> float:
        """Seconds until the next attempt is looked at; 0: now."""
        count, last = self._failures.get(key, (0, 0.0))
        if count <= self._free:
            return 0.0
        pause = min(_FIRST * 2.0 ** min(count - self._free - 1, 30), _LONGEST)
        return max(0.0, last + pause - self._now())

    def failed(self, key: Hashable) -> None:
        count, last = self._failures.pop(key, (0, 0.0))
        now = self._now()
        self._failures[key] = (count + 1 if now - last < _FORGET else 1, now)
        while len(self._failures) > _MOST:
            self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        self._failures.pop(key, None)

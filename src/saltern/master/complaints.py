"""Warnings of what minions do wrong, in which a minion that does it all the time does not drown the log."""

from __future__ import annotations

import logging


class Complaints:
    """Of each kind about each minion, writes the first, second, fourth, eighth, … to a log."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._counts: dict[tuple[str, str], int] = {}

    def about(self, minion: str, kind: str, details: str) -> None:
        count = self._counts[minion, kind] = self._counts.get((minion, kind), 0) + 1
        if not count & (count - 1):
            before = f" ({count - 1} such warnings before)" if count > 1 else ""
            self._log.warning("minion %s: %s: %s%s", minion, kind, details, before)

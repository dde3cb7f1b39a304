"""What jobs print while they run: passed to those who watch, kept for nobody else.

The record of a job is its outcomes; progress is a courtesy. A watcher that does not keep up loses the oldest pieces,
and is told how many.
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from saltern.transport.frames import Progress

_KEPT = 2_000
"""Pieces that wait for one watcher."""


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One piece of output. `stream`: `stdout`, `stderr` or `prog`."""

    minion: str
    stream: str
    number: int
    data: bytes


class Watcher:
    """One who watches one job; `news` is set with each piece."""

    def __init__(self, news: asyncio.Event) -> None:
        self._pieces: deque[Piece] = deque(maxlen=_KEPT)
        self._missed = 0
        self._news = news

    def put(self, piece: Piece) -> None:
        if len(self._pieces) == _KEPT:
            self._missed += 1
        self._pieces.append(piece)
        self._news.set()

    def take(self) -> tuple[list[Piece], int]:
        """What came since the last call, and how many pieces were lost before it."""
        pieces, missed = list(self._pieces), self._missed
        self._pieces.clear()
        self._missed = 0
        return pieces, missed


class ProgressHub:
    """Brings pieces to the watchers of their job."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[Watcher]] = {}

    def watch(self, jid: str, news: asyncio.Event) -> Watcher:
        watcher = Watcher(news)
        self._watchers.setdefault(jid, set()).add(watcher)
        return watcher

    def unwatch(self, jid: str, watcher: Watcher) -> None:
        watchers = self._watchers.get(jid, set())
        watchers.discard(watcher)
        if not watchers:
            self._watchers.pop(jid, None)

    def report(self, minion: str, frame: Progress) -> None:
        for watcher in self._watchers.get(frame.jid, ()):
            watcher.put(Piece(minion, frame.kind, frame.number, frame.data))

"""Questions that coroutines put to a thread, and the way back: one wake-up of the event loop for many answers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Ask(Generic[T]):
    """Something that a coroutine waits for; made on its event loop, answered from another thread."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T | None = None
        self.error: Exception | None = None


class Answers:
    """Answers that are ready and not yet handed over. Used by one thread."""

    def __init__(self) -> None:
        self._ready: defaultdict[asyncio.AbstractEventLoop, list[Ask[Any]]] = defaultdict(list)

    def add(self, ask: Ask[Any]) -> None:
        self._ready[ask.loop].append(ask)

    def hand_over(self) -> None:
        for loop, asks in self._ready.items():
            # A loop that was closed meanwhile has nobody left who waits.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, asks)
        self._ready = defaultdict(list)


def _resolve(asks: list[Ask[Any]]) -> None:
    for ask in asks:
        if ask.future.done():
            continue
        if ask.error is not None:
            ask.future.set_exception(ask.error)
        else:
            ask.future.set_result(ask.result)

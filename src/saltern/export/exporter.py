"""One feed to one target: in order, in batches, as often as it takes, and each item once.

The cursor moves only behind what the target has taken. When it fails, one item is tried at growing intervals (see
`pace`) until it is well again. An item that is refused, or that keeps failing while others are taken, becomes a dead
letter, and those behind it go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from saltern.errors import NotFound, SalternError
from saltern.export.backlog import Backlog
from saltern.export.contract import Delivered, Feed, Item, Page, Target
from saltern.export.ledger import ExportLedger, Letter
from saltern.export.pace import Pace

log = logging.getLogger(__name__)
T = TypeVar("T")

_FAULT_PAUSE = 1.0
_LOOK = 2.0
"""Seconds between looks at what waits while batch after batch is taken: looking costs as much as reading a batch."""
_FAREWELL = 5.0
"""Seconds that a delivery may go on when the exporter is closed."""


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one export. `patience`: failures of one item in a row after which another one is tried in its stead.

    `last_pauses`: seconds between the tries of an item that fails while others are taken, before it is given up;
    `unanswered_pauses`: between those that follow when it has no answer. `most_bytes`: what may wait; beyond it the
    oldest is given up (0: no bound).
    """

    name: str
    batch: int = 1000
    batch_bytes: int = 4 << 20
    patience: int = 5
    last_pauses: tuple[float, ...] = (0.2, 1.0)
    unanswered_pauses: tuple[float, ...] = (5.0, 20.0)
    most_bytes: int = 0


class Exporter:
    """Runs in an event loop from `start` to `close`."""

    def __init__(
        self, feed: Feed, target: Target, ledger: ExportLedger, options: ExportOptions, pace: Pace | None = None
    ) -> None:
        self.name = options.name
        self._feed = feed
        self._target = target
        self._ledger = ledger
        self._options = options
        self._pace = pace or Pace()
        self._position = ledger.position()
        self._ahead = ledger.ahead()
        self._backlog = Backlog()
        self._error = ""
        self._failing_since = 0.0
        self._sent = 0
        self._next_look = 0.0
        self._closing = asyncio.Event()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End; a delivery that is under way gets a moment to come to its end."""
        self._closing.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=_FAREWELL)
            if not done:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
        await self._target.close()
        self._ledger.close()

    # --- what operators see ---------------------------------------------------------------------------------------

    async def status(self) -> dict[str, Any]:
        """How it stands; `lag` is the age of the oldest that waits, in seconds."""
        await self._backlog.look(self._feed, self._position)
        waiting, size, oldest = self._backlog.count, self._backlog.size, self._backlog.oldest
        return {
            "name": self.name,
            "state": "failing" if self._error else "working",
            "waiting": waiting,
            "bytes": size,
            "lag": round(max(0.0, time.time() - oldest), 3) if oldest is not None else 0.0,
            "sent": self._sent,
            "dead_letters": await asyncio.to_thread(self._ledger.count_letters),
            "failures": self._pace.failures,
            "failing_since": self._failing_since,
            "error": self._error,
        }

    async def letters(self, limit: int) -> list[Letter]:
        return await asyncio.to_thread(self._ledger.letters, limit)

    async def retry(self, number: int) -> str:
        """Send a dead letter again; an empty text, or why it was refused."""
        item = await asyncio.to_thread(self._ledger.letter, number)
        if item is None:
            raise NotFound(f"the export {self.name} has no dead letter {number} that could be sent again")
        async with self._turn:
            delivered = await self._deliver([item])
        if delivered.count:
            await asyncio.to_thread(self._ledger.drop, [number])
            return ""
        await asyncio.to_thread(self._ledger.explain, number, delivered.error)
        return delivered.error

    async def drop(self, numbers: Sequence[int]) -> int:
        """Forget dead letters; how many there were."""
        return await asyncio.to_thread(self._ledger.drop, list(numbers))

    async def tidy(self) -> None:
        """Have the target drop what is too old, as long as it is well; what is to be delivered goes in between."""
        more = True
        while more and not self._error and not self._closing.is_set():
            async with self._turn:
                tidied = await self._target.tidy()
            more = tidied.more
            if tidied.error:
                log.warning("the export %s: what is too old could not be dropped there: %s", self.name, tidied.error)

    async def held_since(self) -> float | None:
        """When the oldest began that waits: what is younger must not expire in the feed."""
        await self._backlog.look(self._feed, self._position)
        return self._backlog.oldest

    # --- the loop -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._step()
            except SalternError as error:
                log.error("the export %s cannot go on now: %s", self.name, error)
                await self._rest(_FAULT_PAUSE)
            except Exception:  # the boundary of the task: whatever it was, the rows are still there
                log.exception("the export %s failed and goes on", self.name)
                await self._rest(_FAULT_PAUSE)

    async def _step(self) -> None:
        reading = self._feed.read(self._position, self._options.batch, self._options.batch_bytes)
        page = await self._unless_closing(reading)
        if page is None:
            return
        items = [item for item in page.items if item.key not in self._ahead]
        if items:
            await self._send(page, items)
        elif page.cursor > self._position:
            if page.items:
                await self._move(page.cursor)
            # Else it had nothing to export, and need not be remembered.
            self._position = page.cursor
            self._backlog.forget(page.cursor)
        else:
            await self._unless_closing(self._feed.wait(self._position))

    async def _send(self, page: Page, items: list[Item]) -> None:
        """Deliver one page as far as that goes. After a failure a single item is the trial."""
        async with self._turn:
            chosen = items[:1] if self._pace.failures else items
            delivered = await self._deliver(chosen)
            left = items[delivered.count :]
            done_until = page.cursor if not left else max(self._position, left[0].seq - 1)
            if delivered.count:
                self._succeeded(chosen[: delivered.count])
                await self._move(done_until)
            if delivered.error and left:
                await self._stumble(left, delivered)
            if left or (page.more and time.monotonic() >= self._next_look):
                await self._look_at_backlog()
        if delivered.error and not delivered.refused:
            await self._rest(self._pace.failed())

    async def _deliver(self, items: Sequence[Item]) -> Delivered:
        try:
            return await self._target.deliver(items)
        except Exception as error:  # the boundary to a target: what it raises is what it says
            log.debug("the export %s failed", self.name, exc_info=True)
            return Delivered(count=0, error=f"{type(error).__name__}: {error}")

    async def _stumble(self, left: list[Item], delivered: Delivered) -> None:
        """The first of `left` was not taken."""
        if delivered.refused:
            await self._give_up(left[0], delivered.error)
            return
        if not self._error:
            self._failing_since = time.time()
            log.error("the export %s fails and is tried again: %s", self.name, delivered.error)
        self._error = delivered.error
        if delivered.unwell or self._pace.failures < self._options.patience or not await self._takes_others(left):
            return
        again = await self._last_tries(left[0])
        if again.count:
            self._succeeded(left[:1])
            await self._note_ahead(left[0])
        elif not again.unwell:
            await self._give_up(left[0], again.error)

    async def _last_tries(self, item: Item) -> Delivered:
        """Whether an item is taken after all, now that others are: a target that has just come back may stumble."""
        again = await self._tries(item, self._options.last_pauses)
        if again.unanswered:  # somebody may hold a lock that this one alone needs
            again = await self._tries(item, self._options.unanswered_pauses)
        return again

    async def _tries(self, item: Item, pauses: Sequence[float]) -> Delivered:
        again = await self._deliver([item])
        for pause in pauses:
            if again.count or again.refused:
                break
            await self._rest(pause)
            again = await self._deliver([item])
        return again

    async def _takes_others(self, left: Sequence[Item]) -> bool:
        """Whether the target takes another item than the first: one of another job, if there is one."""
        others = await self._others(left)
        if not others:
            return False
        delivered = await self._deliver(others[:1])
        if not delivered.count:
            return False
        self._succeeded(others[:1])
        await self._note_ahead(others[0])
        return True

    async def _others(self, left: Sequence[Item]) -> list[Item]:
        """Items behind the first, those of other jobs before those of its own."""
        behind = list(left[1:])
        if all(item.group == left[0].group for item in behind):
            page = await self._feed.read(left[-1].seq, self._options.batch, self._options.batch_bytes)
            behind += [item for item in page.items if item.key not in self._ahead]
        return sorted(behind, key=lambda item: item.group == left[0].group)

    def _succeeded(self, items: Sequence[Item]) -> None:
        if self._error:
            log.warning("the export %s works again", self.name)
        self._error, self._failing_since = "", 0.0
        self._pace.succeeded()
        self._sent += len(items)
        self._feed.delivered(items)

    async def _give_up(self, item: Item, reason: str) -> None:
        log.error("the export %s: %s is refused and becomes a dead letter: %s", self.name, item.key, reason)
        body = await asyncio.to_thread(_whole_of, item)
        await asyncio.to_thread(self._ledger.give_up, item, reason, body)
        self._ahead.add(item.key)

    async def _note_ahead(self, item: Item) -> None:
        await asyncio.to_thread(self._ledger.note_ahead, item)
        self._ahead.add(item.key)

    async def _move(self, position: int) -> None:
        """Everything up to here is done, durably."""
        if position <= self._position:
            return
        await asyncio.to_thread(self._ledger.advance, position)
        self._position = position
        self._backlog.forget(position)
        if self._ahead:
            self._ahead = await asyncio.to_thread(self._ledger.ahead)

    async def _look_at_backlog(self) -> None:
        self._next_look = time.monotonic() + _LOOK
        await self._backlog.look(self._feed, self._position)
        over = self._backlog.overflow(self._options.most_bytes)
        if over is None:
            return
        reason = f"more than export_queue_bytes ({self._options.most_bytes}) waited"
        log.error("the export %s gives up %d items (%d bytes): %s", self.name, over.count, over.size, reason)
        await asyncio.to_thread(self._ledger.give_up_until, over.last, over.count, reason)
        self._position = over.last
        self._ahead = await asyncio.to_thread(self._ledger.ahead)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _unless_closing(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work gives; None when the end comes before it."""
        working = asyncio.ensure_future(work)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait((working, closing), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            for task in (working, closing):
                task.cancel()


def _whole_of(item: Item) -> bytes | None:
    """The body with the value that lies in a file put into it; None when that file is gone."""
    if not item.path:
        return item.body
    form = msgspec.msgpack.decode(item.body)
    try:
        form["value"] = msgspec.Raw(Path(item.path).read_bytes())
    except OSError:
        return None
    return msgspec.msgpack.encode(form)

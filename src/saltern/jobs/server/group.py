"""Group commit: one task writes, in one transaction all that is waiting when the one before is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from saltern.errors import SalternError, StoreError, StoreFull
from saltern.jobs.server.faults import ConnectionBroken
from saltern.model.job import Change, Job, Verdict

log = logging.getLogger(__name__)
T = TypeVar("T")

_BATCH_ROWS = 20_000
_BATCH_BYTES = 16 << 20


class Ask(Generic[T]):
    """Something to be written, and the answer for the one who asked; `rows` and `bytes` say how much it is."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows = rows
        self.bytes = size
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def answer(self, result: T | BaseException) -> None:
        if self.future.done():
            return
        if isinstance(result, BaseException):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class Create(Ask[None]):
    """Write a job; `load` is its MessagePack."""

    def __init__(self, job: Job, load: bytes, minions: Sequence[str]) -> None:
        super().__init__(len(minions) + 1, len(load))
        self.job = job
        self.load = load
        self.minions = minions


class Record(Ask[list[Verdict]]):
    """Apply changes; `uploads` are the large bodies that lie on the server already, by the place of their change."""

    def __init__(self, changes: Sequence[Change], uploads: Mapping[int, Any]) -> None:
        super().__init__(len(changes), sum(len(body.data) for change in changes if (body := change.body) and body.data))
        self.changes = changes
        self.uploads = uploads


Asks = Sequence[Create | Record]
Answers = list[list[Verdict] | Exception | None]
"""One for each ask of a batch."""


class GroupCommit:
    """`write` makes a batch durable, all or nothing, and gives the answers; what it raises is told to all."""

    def __init__(self, write: Callable[[Asks], Awaitable[Answers]]) -> None:
        self._write = write
        self._waiting: list[Create | Record] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, ask: Create | Record) -> None:
        self._waiting.append(ask)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        await asyncio.sleep(0)  # those who ask in the same turn of the loop share the first transaction
        while self._waiting:
            await self._commit(self._next())

    def _next(self) -> list[Create | Record]:
        rows = size = count = 0
        for ask in self._waiting:
            rows, size, count = rows + ask.rows, size + ask.bytes, count + 1
            if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
                break
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    async def _commit(self, batch: Asks) -> None:
        """One that fails is tried again ask by ask, so that each fails for itself; a server that is away fails all."""
        try:
            answers = await self._write(batch)
        except (ConnectionBroken, StoreFull) as error:
            answers = [error] * len(batch)
        except Exception as error:
            if len(batch) > 1:
                for ask in batch:
                    await self._commit([ask])
                return
            answers = [_as_store_error(error)]
        for ask, answer in zip(batch, answers, strict=True):
            ask.answer(answer)  # type: ignore[arg-type]  # each kind of ask gets its kind of answer


def _as_store_error(error: Exception) -> Exception:
    """What a library raises without saying so in its interface is a fault of the store to those who asked."""
    if isinstance(error, SalternError):
        return error
    log.error("a library of the job store failed", exc_info=error)
    told = StoreError(f"the job store failed: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
